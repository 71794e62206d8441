import type { Clock } from '../../kit/clock.ts';
import { createDebounce } from '../../kit/debounce.ts';

/** A short quiet time must not become a window for each chunk of a poller that posts all the time. */
const WINDOWS_PER_MAX_WAIT = 4;

/**
 * When the board's changes are published: `quietMs` after the last change and at most `maxWaitMs` after the first one,
 * however many chunks arrive in between; four windows per `maxWaitMs` at most.
 */
export function createBroadcastWindow(options: {
  clock: Clock;
  quietMs: number;
  maxWaitMs: number;
  /** Publishes the changes that wait; answers whether there were any. */
  publish: (at: number) => boolean;
}) {
  const { clock, quietMs, maxWaitMs, publish } = options;
  let lastPublishedAt: number | null = null;
  let waitingSince: number | null = null;
  let stopped = false;

  const debounce = createDebounce({
    clock,
    quietMs,
    minGapMs: Math.floor(maxWaitMs / WINDOWS_PER_MAX_WAIT),
    maxWaitMs,
    run() {
      const now = clock.now();
      if (publish(now)) lastPublishedAt = now;
      waitingSince = null;
    },
  });

  return {
    /** The board has changed. */
    markChanged(): void {
      if (stopped) return;
      waitingSince ??= clock.now();
      debounce.trigger();
    },
    /** Publishes what waits, now. */
    flush: debounce.flush,
    /** Later changes are not published. */
    stop(): void {
      stopped = true;
      debounce.cancel();
    },
    /** Epoch ms of the last published window; `null` before the first one. */
    lastPublishedAt: () => lastPublishedAt,
    /** Epoch ms of the oldest change that is not published yet; `null`: nothing waits. */
    waitingSince: () => waitingSince,
  };
}

export type BroadcastWindow = ReturnType<typeof createBroadcastWindow>;
