import type { SyncClock } from './sync.types.ts';

/** Counts from somewhere, in browsers and in Node, and only ever forward. */
export const monotonicClock: SyncClock = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
