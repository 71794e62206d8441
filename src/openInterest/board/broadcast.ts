import type { Clock } from '../../kit/clock.ts';
import { createDebounce } from '../../kit/debounce.ts';
import type { Board } from './board.ts';
import type { BoardUpdate } from '../openInterest.types.ts';

export type Broadcast = {
  /** The board has changed: publish soon. */
  changed(): void;
  /** Publish what waits, now. */
  flush(): void;
  /** For good: what changes from here on is not published. */
  stop(): void;
  /** Epoch ms of the last published window; `null` before the first one. */
  lastPublishedAt(): number | null;
  /** Epoch ms of the oldest change that is not published yet; `null`: nothing waits. */
  waitingSince(): number | null;
};

/**
 * Publishes a board in windows: one message with the rows that changed, `quietMs` after the last change and at most
 * `maxWaitMs` after the first one, however many chunks came in between.
 */
export function createBroadcast(options: {
  board: Board;
  clock: Clock;
  quietMs: number;
  maxWaitMs: number;
  /** When the newest data on the board came in. */
  asOf: () => number | null;
  publish: (update: BoardUpdate) => void;
}): Broadcast {
  const { board, clock, asOf, publish } = options;
  let lastPublishedAt: number | null = null;
  let waitingSince: number | null = null;
  let stopped = false;

  const debounce = createDebounce({
    clock,
    quietMs: options.quietMs,
    maxWaitMs: options.maxWaitMs,
    run() {
      if (board.hasUnpublished()) {
        const serverTime = clock.now();
        publish({ ...board.publish(), asOf: asOf(), serverTime });
        lastPublishedAt = serverTime;
      }
      waitingSince = null;
    },
  });

  return {
    changed() {
      if (stopped) return;
      waitingSince ??= clock.now();
      debounce.trigger();
    },
    flush: debounce.flush,
    stop() {
      stopped = true;
      debounce.cancel();
    },
    lastPublishedAt: () => lastPublishedAt,
    waitingSince: () => waitingSince,
  };
}
