import { coerceError } from './errors.ts';
import type { Clock } from './clock.ts';
import type { Releasers } from './lifecycle.ts';
import type { Logger } from './logger.ts';

export type Loop = ReturnType<typeof startLoop>;

/** What a background task needs besides its own dependencies. */
export type LoopContext = { clock: Clock; logger: Logger; releasers: Releasers };

/** Runs `task` in a loop that `releasers` stops. A failed run is logged with the loop's `name` and retried after `everyMs`. */
export function every(
  { clock, logger, releasers }: LoopContext,
  name: string,
  everyMs: number | (() => number),
  task: () => unknown,
  options: { immediately?: boolean } = {},
): void {
  const onError = (err: Error): void => logger.warn({ err, loop: name }, 'background task failed, retrying');
  const loop = startLoop({ clock, everyMs, onError, task, ...options });
  releasers.push(name, () => loop.stop());
}

/**
 * Runs `task` repeatedly, each time `everyMs` after the previous run has ended, so runs never overlap. A failed run is
 * reported to `onError` and does not end the loop.
 */
export function startLoop(options: {
  clock: Clock;
  everyMs: number | (() => number);
  /** A returned promise is awaited. */
  task: () => unknown;
  onError: (error: Error) => void;
  /** Starts the first run now instead of after the first wait. */
  immediately?: boolean;
}) {
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
    /** Starts no further run; settles when the current run has ended. */
    async stop(): Promise<void> {
      stopped = true;
      cancelTimer?.();
      await running;
    },
  };
}
