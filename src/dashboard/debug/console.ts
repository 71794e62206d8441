import { QueryClient } from '@tanstack/react-query';
import { createStore } from 'zustand/vanilla';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { mergeAlerts } from '../alerts/feed.ts';
import { getJson } from '../live/api.ts';
import { createLive } from '../live/live.ts';
import { goToSignIn } from '../shell/session.ts';
import { monotonicClock } from '../../client/sync.clock.ts';
import { DEBUG_KEY, debugPoll, readPoll } from './debugPoll.ts';
import { readDebugView, writeDebugView, type DebugView } from './debugView.ts';
import { countGaps, type GapCount } from './socketLine.ts';

const DEBUG_PATH = '/api/market/open-interest/debug';

export type OperatorConsole = ReturnType<typeof createOperatorConsole>;

/** The state of the operator's page and its connections, made once a page, outside React. */
export function createOperatorConsole() {
  const queries = new QueryClient();
  /** Alerts that arrived over the socket since the page was opened. */
  const alerts = createStore<{ fresh: readonly OpenInterestAlert[] }>(() => ({ fresh: [] }));
  /** Windows that this page's socket has missed. */
  const gaps = createStore<GapCount>(() => ({ gaps: 0, ask: null }));

  const live = createLive({
    isGuest: false,
    onAlert: (alert) => alerts.setState(({ fresh }) => ({ fresh: mergeAlerts(fresh, [alert]) })),
    onFiring: () => undefined,
    // What was missed meanwhile is in the next answer.
    onReturn: () => void queries.refetchQueries({ queryKey: DEBUG_KEY }),
    onTierChange: () => window.location.reload(),
    onSessionEnd: () => goToSignIn('ended'),
  });
  live.store.subscribe(({ sync }) => gaps.setState((held) => countGaps(held, sync.ask)));

  return {
    queries,
    live,
    gaps,
    alerts,
    view: createDebugViewStore(),
    poll: debugPoll({
      ask: (signal) => getJson(DEBUG_PATH, DebugBody, signal),
      now: monotonicClock.now,
      onSignedOut: () => goToSignIn('ended'),
    }),
    /** The server's clock, by its last answer. */
    serverNow(): number {
      const { body, answeredAt } = readPoll(queries);
      if (body && answeredAt !== null) return body.serverTime + monotonicClock.now() - answeredAt;
      return Date.now() + live.store.getState().offset.offsetMs;
    },
  };
}

/** What of the page is shown, kept in the address. */
function createDebugViewStore() {
  const store = createStore<DebugView>(() => readDebugView(window.location.search));
  window.addEventListener('popstate', () => store.setState(readDebugView(window.location.search)));
  return {
    store,
    change(change: Partial<DebugView>) {
      const next = { ...store.getState(), ...change };
      window.history.replaceState(null, '', `${window.location.pathname}${writeDebugView(next)}`);
      store.setState(next);
    },
  };
}

/** Shows a panel and focuses it, as following a link within a page does. */
export function revealPanel(panel: string): void {
  const element = document.getElementById(panel);
  element?.scrollIntoView({ block: 'nearest' });
  element?.focus({ preventScroll: true });
}
