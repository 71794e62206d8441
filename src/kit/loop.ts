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

/** An interval that varies by a tenth, so that nodes which started together do not stay in step. */
export function varying(ms: number): () => number {
  return () => ms * (0.9 + Math.random() * 0.2);
}

/** Repeats a statement that changes at most `size` rows until it has changed fewer. */
export async function inBatches(size: number, change: (size: number) => Promise<number>): Promise<void> {
  while ((await change(size)) >= size);
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
  let running: Promise<void> | null = null;
  let dueAt = Infinity;
  let cancelTimer: (() => void) | undefined;

  /** Runs at `at`, or earlier if a run is already due by then. */
  function scheduleBy(at: number): void {
    if (stopped || at >= dueAt) return;
    dueAt = at;
    if (running) return;
    cancelTimer?.();
    cancelTimer = clock.after(Math.max(0, at - clock.now()), run);
  }

  function scheduleNext(): void {
    const wantedBy = Math.min(dueAt, clock.now() + (typeof everyMs === 'function' ? everyMs() : everyMs));
    dueAt = Infinity;
    scheduleBy(wantedBy);
  }

  function run(): void {
    dueAt = Infinity;
    running = attempt().then(() => {
      running = null;
      scheduleNext();
    });
  }

  async function attempt(): Promise<void> {
    try {
      await task();
    } catch (thrown) {
      onError(coerceError(thrown));
    }
  }

  if (options.immediately) run();
  else scheduleNext();

  return {
    /** Brings the next run forward, so that it starts within `ms`; during a run that is the run after it. */
    runWithin: (ms: number): void => scheduleBy(clock.now() + ms),
    /** Starts no further run; settles when the current run has ended. */
    async stop(): Promise<void> {
      stopped = true;
      cancelTimer?.();
      await running;
    },
  };
}
