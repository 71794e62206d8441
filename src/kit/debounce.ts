import type { Clock } from './clock.ts';

/**
 * Trailing debounce with a maximum wait: `run` is called once, `quietMs` after the last `trigger` and at least `minGapMs` after
 * its previous call, but at most `maxWaitMs` after the first trigger, so constant triggering cannot postpone it for ever.
 */
export function createDebounce(options: {
  clock: Clock;
  quietMs: number;
  minGapMs: number;
  maxWaitMs: number;
  run: () => void;
}) {
  const { clock, quietMs, minGapMs, maxWaitMs, run } = options;
  let lastRunAt = -Infinity;
  let firstAt: number | undefined;
  let cancelTimer: (() => void) | undefined;

  function trigger(): void {
    const now = clock.now();
    // Setting the clock back must not extend the window.
    firstAt = Math.min(firstAt ?? now, now);
    const dueAt = Math.min(Math.max(now + quietMs, lastRunAt + minGapMs), firstAt + maxWaitMs);
    cancelTimer?.();
    cancelTimer = clock.after(dueAt - now, flush);
  }

  /** Calls `run` now if it is pending. */
  function flush(): void {
    if (firstAt === undefined) return;
    cancel();
    lastRunAt = clock.now();
    run();
  }

  function cancel(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    firstAt = undefined;
  }

  return { trigger, flush, cancel };
}
