import type { Store } from 'express-rate-limit';
import { systemClock } from '../../kit/clock.ts';

/**
 * A store for express-rate-limit on a monotonic clock. With the default store, which uses the system clock, setting that
 * back by an hour would refuse callers for an hour.
 */
export function createSteadyWindows(now: () => number = () => performance.now()): Store {
  /** Ordered by end. */
  const windows = new Map<string, { hits: number; endsAt: number }>();
  let windowMs = 0;

  function forgetEnded(at: number): void {
    for (const [key, { endsAt }] of windows) {
      if (endsAt > at) return;
      windows.delete(key);
    }
  }

  return {
    localKeys: true,
    init(options) {
      windowMs = options.windowMs;
    },
    increment(key) {
      const at = now();
      forgetEnded(at);
      const window = windows.get(key) ?? { hits: 0, endsAt: at + windowMs };
      window.hits += 1;
      windows.set(key, window);
      // The library computes Retry-After from the system clock.
      return { totalHits: window.hits, resetTime: new Date(systemClock.now() + window.endsAt - at) };
    },
    decrement(key) {
      const window = windows.get(key);
      if (window) window.hits -= 1;
    },
    resetKey(key) {
      windows.delete(key);
    },
  };
}
