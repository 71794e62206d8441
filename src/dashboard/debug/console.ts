import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { mergeAlerts } from '../alerts/feed.ts';
import { getJson } from '../live/api.ts';
import { createLive, type Live } from '../live/live.ts';
import { createStore, type Store } from '../live/store.ts';
import { goToSignIn } from '../shell/session.ts';
import { monotonicClock } from '../sync/sync.clock.ts';
import { createDebugPoll, type DebugPoll } from './debugPoll.ts';
import { readDebugView, writeDebugView, type DebugView } from './debugView.ts';
import { countGaps, type GapCount } from './socketLine.ts';

/** Everything of the operator's page that is not drawn. Made once a page, outside of React. */
export type OperatorConsole = {
  poll: DebugPoll;
  live: Live;
  /** Windows that this page's socket has missed. */
  gaps: Store<GapCount>;
  /** Alerts that came over the socket since the page was opened. */
  alerts: Store<readonly OpenInterestAlert[]>;
  view: Store<DebugView>;
  changeView(change: Partial<DebugView>): void;
  /** The server's clock, by what it last said; ours is not asked. */
  serverNow(): number;
};

const DEBUG_PATH = '/api/market/open-interest/debug';

export function createOperatorConsole(): OperatorConsole {
  const alerts = createStore<readonly OpenInterestAlert[]>([]);
  const gaps = createStore<GapCount>({ gaps: 0, ask: null });
  const view = createStore(readDebugView(window.location.search));

  const poll = createDebugPoll({
    ask: (signal) => getJson(DEBUG_PATH, DebugBody, signal),
    now: monotonicClock.now,
    after: monotonicClock.after,
    onSignedOut: () => goToSignIn('ended'),
  });
  const live = createLive({
    onAlert: (alert) => alerts.set((held) => mergeAlerts(held, [alert])),
    // What was missed meanwhile is in the next answer.
    onReturn: poll.askNow,
    onTierChange: () => window.location.reload(),
    onSessionEnd: () => goToSignIn('ended'),
  });
  live.store.subscribe(() => gaps.set((held) => countGaps(held, live.store.get().sync.ask)));
  window.addEventListener('popstate', () => view.set(readDebugView(window.location.search)));
  poll.askNow();

  return {
    poll,
    live,
    gaps,
    alerts,
    view,
    changeView(change) {
      const next = { ...view.get(), ...change };
      window.history.replaceState(null, '', `${window.location.pathname}${writeDebugView(next)}`);
      view.set(next);
    },
    serverNow() {
      const { body, answeredAt } = poll.store.get();
      if (body && answeredAt !== null) return body.serverTime + monotonicClock.now() - answeredAt;
      return Date.now() + live.store.get().offset.offsetMs;
    },
  };
}

/** Shows a panel and gives it the focus, as following a link within a page does. */
export function revealPanel(panel: string): void {
  const element = document.getElementById(panel);
  element?.scrollIntoView({ block: 'nearest' });
  element?.focus({ preventScroll: true });
}
