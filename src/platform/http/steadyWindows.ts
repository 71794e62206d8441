import type { Store } from 'express-rate-limit';
import { systemClock } from '../../kit/clock.ts';

/**
 * Where express-rate-limit counts: windows by a clock that only runs forward. The store it brings goes by the time of
 * day, and a system clock that is set back by an hour keeps callers out for an hour.
 */
export function createSteadyWindows(now: () => number = () => performance.now()): Store {
  /** In the order in which they end. */
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
      // Retry-After is counted from the time of day.
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
