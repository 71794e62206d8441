import type { Clock } from './clock.ts';

export type Debounce = {
  /** Something happened: run soon. */
  trigger(): void;
  /** Run now if anything is waiting. */
  flush(): void;
  /** Forget what is waiting. */
  cancel(): void;
};

/**
 * Trailing debounce with a longest wait. `run` is called once, `quietMs` after the last trigger, but never later
 * than `maxWaitMs` after the first one of the window: constant triggering cannot put it off for good.
 */
export function createDebounce(options: {
  clock: Clock;
  quietMs: number;
  maxWaitMs: number;
  run: () => void;
}): Debounce {
  const { clock, quietMs, maxWaitMs, run } = options;
  let firstAt: number | undefined;
  let cancelTimer: (() => void) | undefined;

  function trigger(): void {
    const now = clock.now();
    // A clock that was set back must not make the window longer.
    firstAt = Math.min(firstAt ?? now, now);
    const dueAt = Math.min(now + quietMs, firstAt + maxWaitMs);
    cancelTimer?.();
    cancelTimer = clock.after(dueAt - now, flush);
  }

  function flush(): void {
    if (firstAt === undefined) return;
    cancel();
    run();
  }

  function cancel(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    firstAt = undefined;
  }

  return { trigger, flush, cancel };
}
