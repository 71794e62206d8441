import type { SyncClock } from './sync.types.ts';

/** Never steps, in browsers and in Node; its origin has no meaning. */
export const monotonicClock: SyncClock = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
