import type { Clock } from '../../kit/clock.ts';

/** Runs one task at a time for as long as there are tasks. */
export function createWorker<Task>(options: {
  clock: Clock;
  next: () => Task | null;
  /** Must not reject. Returns how many ms to pause before the next task. */
  run: (task: Task) => Promise<number>;
  /** No task starts before this time. */
  notBefore: () => number;
}) {
  const { clock, next, run, notBefore } = options;
  let running: Promise<void> | null = null;
  let cancelPause: (() => void) | null = null;
  let stopped = false;

  /** There may be a task. Does nothing while busy, paused or stopped. */
  function wake(): void {
    if (stopped || running || cancelPause) return;
    const waitMs = notBefore() - clock.now();
    if (waitMs > 0) {
      pause(waitMs);
      return;
    }
    const task = next();
    if (task === null) return;
    running = run(task).then((pauseMs) => {
      running = null;
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
    running: () => running,
    /** Settles when the running task has ended. */
    async stop(): Promise<void> {
      stopped = true;
      cancelPause?.();
      await running;
    },
  };
}
