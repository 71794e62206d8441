import { coerceError } from './errors.ts';
import type { Clock } from './clock.ts';

export type Loop = {
  /** Ends the loop after the run under way; settles when that run has ended. */
  stop(): Promise<void>;
};

/**
 * Runs `task` again and again, `everyMs` after the end of the run before: it never overlaps itself, and a run
 * that throws is reported and does not end the loop.
 */
export function startLoop(options: {
  clock: Clock;
  everyMs: number | (() => number);
  task: () => Promise<void>;
  onError: (error: Error) => void;
  /** Run at once rather than after the first wait. */
  immediately?: boolean;
}): Loop {
  const { clock, everyMs, task, onError } = options;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer: (() => void) | undefined;

  function schedule(): void {
    if (stopped) return;
    cancelTimer = clock.after(typeof everyMs === 'function' ? everyMs() : everyMs, run);
  }

  function run(): void {
    running = attempt().then(schedule);
  }

  async function attempt(): Promise<void> {
    try {
      await task();
    } catch (thrown) {
      onError(coerceError(thrown));
    }
  }

  if (options.immediately) run();
  else schedule();

  return {
    async stop() {
      stopped = true;
      cancelTimer?.();
      await running;
    },
  };
}
