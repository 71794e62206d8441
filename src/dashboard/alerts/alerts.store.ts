import { formatCountOf } from '../../kit/format.shared.ts';
import { z } from 'zod';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { AlertFiring } from '../../openInterest/rules/alertFiring.types.ts';
import { ApiError, getJson } from '../live/api.ts';
import type { Memory } from '../shell/settings.ts';
import { DAY_MS } from '../timeOfDay.ts';
import { announceAlerts, mergeAlerts, seeAll, type Feed, type FeedAlert, type Seen } from './feed.ts';
import { alertOfFiring } from './ownFirings.ts';

export type AlertsState = Readonly<ReturnType<typeof initialState>>;

function initialState(seen: Seen) {
  return {
    feed: [] as Feed,
    seen,
    loaded: false,
    /** Why stored alerts could not be read; live alerts arrive all the same. */
    error: null as string | null,
    /** Read by screen readers, once and politely. */
    announcement: '',
  };
}

const AlertsPage = z.object({ alerts: z.array(OpenInterestAlert) });
const FiringsPage = z.object({ firings: z.array(AlertFiring) });
/** The overlap finds alerts that were stored late, and what followed those of the last hour. */
const OVERLAP_MS = 75 * 60_000;
const ANNOUNCE_EVERY_MS = 10_000;

/** The alerts of the last day, live and stored, and which of them were seen in this browser. */
export function createAlerts(options: {
  memory: Memory;
  /** The server's clock. */
  now: () => number;
  /** A new alert arrived over the socket: the moment to make a sound. */
  onLive: (alert: FeedAlert) => void;
}) {
  const { memory, now } = options;
  const remembered = memory.readSeen();
  const store = createStore<AlertsState>(() => initialState(remembered ?? { until: '' }));
  const announce = createAnnouncer(store);

  function take(alert: FeedAlert): void {
    const { feed } = store.getState();
    const merged = mergeAlerts(feed, [alert]);
    if (merged === feed) return;
    store.setState({ feed: merged });
    announce(alert);
    options.onLive(alert);
  }

  return {
    store,
    take,
    /** In the quiet hours of its rule it is listed, and nothing more. */
    takeFiring(firing: AlertFiring) {
      const alert = alertOfFiring(firing);
      if (!firing.quiet) return take(alert);
      store.setState(({ feed }) => ({ feed: mergeAlerts(feed, [alert]) }));
    },

    /** Reads the stored alerts that are missing. `away`: the connection was lost. */
    async load(away: boolean): Promise<void> {
      const [newest] = store.getState().feed;
      try {
        const stored = await readAlerts(newest ? Date.parse(newest.ts) - OVERLAP_MS : now() - DAY_MS);
        const { feed: held, seen, loaded } = store.getState();
        const feed = mergeAlerts(held, stored);
        // On the very first visit nothing was missed, so old alerts are not news.
        const isFirstVisit = remembered === null && !loaded;
        store.setState({ feed, seen: isFirstVisit ? seeAll(feed, seen) : seen, loaded: true, error: null });
        if (away) announceMissed(store, feed.length - held.length);
      } catch (thrown) {
        store.setState({ loaded: true, error: `Alerts could not be loaded (${describeFailure(thrown)}).` });
      }
    },

    markAllRead() {
      const { feed, seen } = store.getState();
      const next = seeAll(feed, seen);
      if (next === seen) return;
      memory.writeSeen(next);
      store.setState({ seen: next });
    },
  };
}

/** Alerts of the collector, and what the viewer's rules fired. */
async function readAlerts(since: number): Promise<FeedAlert[]> {
  const query = new URLSearchParams({ since: String(Math.floor(since)), limit: '200' });
  const [{ alerts }, { firings }] = await Promise.all([
    getJson(`/api/open-interest-alerts?${query.toString()}`, AlertsPage),
    getJson('/api/alert-firings?limit=200', FiringsPage),
  ]);
  return [...alerts, ...firings.filter((it) => it.firedAt >= since).map(alertOfFiring)];
}

/** At most one announcement in ten seconds. */
function createAnnouncer(store: StoreApi<AlertsState>): (alert: FeedAlert) => void {
  let pending: FeedAlert[] = [];
  let isWaiting = false;

  function announce(): void {
    if (isWaiting || pending.length === 0) return;
    isWaiting = true;
    store.setState({ announcement: announceAlerts(pending) });
    pending = [];
    setTimeout(() => {
      isWaiting = false;
      announce();
    }, ANNOUNCE_EVERY_MS);
  }

  return (alert) => {
    pending.push(alert);
    announce();
  };
}

function announceMissed(store: StoreApi<AlertsState>, missed: number): void {
  if (missed === 0) return;
  store.setState({ announcement: `${formatCountOf(missed, 'alert')} while you were away` });
}

function describeFailure(thrown: unknown): string {
  return thrown instanceof ApiError && thrown.status !== null ? `HTTP ${thrown.status}` : 'no answer';
}
