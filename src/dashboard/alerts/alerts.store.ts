import { z } from 'zod';
import { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { ApiError, getJson } from '../live/api.ts';
import { createStore, type Store } from '../live/store.ts';
import type { Memory } from '../shell/settings.ts';
import { announceAlerts, mergeAlerts, seeAll, type Feed, type Seen } from './feed.ts';

type AlertsState = {
  readonly feed: Feed;
  readonly seen: Seen;
  readonly loaded: boolean;
  /** Why the past could not be read; live alerts come all the same. */
  readonly error: string | null;
  /** Said once, politely. */
  readonly announcement: string;
};

export type Alerts = {
  store: Store<AlertsState>;
  take(alert: OpenInterestAlert): void;
  /** Reads what is missing; `away`: after a lost connection. */
  load(away: boolean): Promise<void>;
  markAllRead(): void;
};

const AlertsPage = z.object({ alerts: z.array(OpenInterestAlert) });
const DAY_MS = 24 * 3_600_000;
/** An alert is timed by the exchange and stored later: looking back a little finds those that were under way. */
const OVERLAP_MS = 15 * 60_000;
const ANNOUNCE_EVERY_MS = 10_000;

/** The alerts of the last day, however they came, and which of them were seen in this browser. */
export function createAlerts(options: {
  memory: Memory;
  /** The server's clock. */
  now: () => number;
  /** A new alert came by itself: the moment to make a sound. */
  onLive: (alert: OpenInterestAlert) => void;
}): Alerts {
  const { memory, now } = options;
  const remembered = memory.readSeen();
  const store = createStore<AlertsState>({
    feed: [],
    seen: remembered ?? { until: '' },
    loaded: false,
    error: null,
    announcement: '',
  });
  let untold: OpenInterestAlert[] = [];
  let announcing = false;

  function say(announcement: string): void {
    store.set((held) => ({ ...held, announcement }));
  }

  /** At most one sentence in ten seconds. */
  function announce(): void {
    if (announcing || untold.length === 0) return;
    announcing = true;
    say(announceAlerts(untold));
    untold = [];
    setTimeout(() => {
      announcing = false;
      announce();
    }, ANNOUNCE_EVERY_MS);
  }

  return {
    store,
    take(alert) {
      const { feed } = store.get();
      const merged = mergeAlerts(feed, [alert]);
      if (merged === feed) return;
      store.set((held) => ({ ...held, feed: merged }));
      untold.push(alert);
      announce();
      options.onLive(alert);
    },

    async load(away) {
      const newest = store.get().feed[0];
      const since = newest ? Date.parse(newest.ts) - OVERLAP_MS : now() - DAY_MS;
      try {
        const query = new URLSearchParams({ since: String(Math.floor(since)), limit: '200' });
        const { alerts } = await getJson(`/api/open-interest-alerts?${query.toString()}`, AlertsPage);
        const before = store.get().feed;
        const feed = mergeAlerts(before, alerts);
        // Who was never here has missed nothing: what is old already is not news.
        const first = remembered === null && !store.get().loaded;
        store.set((held) => ({
          ...held,
          feed,
          seen: first ? seeAll(feed, held.seen) : held.seen,
          loaded: true,
          error: null,
        }));
        const missed = feed.length - before.length;
        if (away && missed > 0) say(`${missed} ${missed === 1 ? 'alert' : 'alerts'} while you were away`);
      } catch (thrown) {
        const status =
          thrown instanceof ApiError && thrown.status !== null ? `HTTP ${thrown.status}` : 'no answer';
        store.set((held) => ({ ...held, loaded: true, error: `Alerts could not be loaded (${status}).` }));
      }
    },

    markAllRead() {
      const { feed, seen } = store.get();
      const next = seeAll(feed, seen);
      if (next === seen) return;
      memory.writeSeen(next);
      store.set((held) => ({ ...held, seen: next }));
    },
  };
}
