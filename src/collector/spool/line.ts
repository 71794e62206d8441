import type { Clock } from '../../kit/clock.ts';

export type Line = ReturnType<typeof createLine>;

/** Does one thing at a time, as long as there is something to do. */
export function createLine<Task>(options: {
  clock: Clock;
  /** Answers the next thing to do, or `null`. */
  take: () => Task | null;
  /** Does it, and answers for how long to pause after it. Must not reject. */
  run: (task: Task) => Promise<number>;
  /** Not before this moment, whatever there is to do. */
  notBefore: () => number;
}) {
  const { clock, take, run, notBefore } = options;
  let underWay: Promise<void> | null = null;
  let cancelPause: (() => void) | null = null;
  let stopped = false;

  /** There may be something to do. Nothing happens while it is busy, paused or stopped. */
  function wake(): void {
    if (stopped || underWay || cancelPause) return;
    const waitMs = notBefore() - clock.now();
    if (waitMs > 0) {
      pause(waitMs);
      return;
    }
    const task = take();
    if (task === null) return;
    underWay = run(task).then((pauseMs) => {
      underWay = null;
      if (pauseMs > 0) pause(pauseMs);
      else wake();
    });
  }

  function pause(ms: number): void {
    cancelPause = clock.after(ms, () => {
      cancelPause = null;
      wake();
    });
  }

  return {
    wake,
    underWay: () => underWay,
    /** Ends after what is under way. */
    async stop(): Promise<void> {
      stopped = true;
      cancelPause?.();
      await underWay;
    },
  };
}
