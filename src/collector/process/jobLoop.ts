import type { Clock } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import { createFailures } from './failures.ts';

const LONGEST_NOTE = 500;

export type JobLoop = ReturnType<typeof createJobLoop>;

/**
 * The loop of a job. A failed run is logged as `failing` at most once a minute, is the job's fault until a run succeeds, and
 * is retried after `retryMs`.
 */
export function createJobLoop(options: {
  clock: Clock;
  logger: Logger;
  /** Resolves to how long to wait before the next run. */
  task: () => Promise<number>;
  failing: string;
  retryMs: number;
  /** Before the first run. */
  firstAfterMs?: number;
}) {
  const { clock, logger, task, failing, retryMs, firstAfterMs = 0 } = options;
  const stopping = new AbortController();
  const failures = createFailures({ clock, systemClock: clock });
  let loop: Loop | null = null;
  let running: Promise<void> | null = null;
  let cancelSoon: (() => void) | null = null;
  let waitMs = firstAfterMs;
  let fault: string | null = null;
  let failedRuns = 0;

  function report(err: Error): void {
    waitMs = retryMs;
    if (stopping.signal.aborted) return;
    failedRuns += 1;
    fault = describeError(err);
    if (failures.note(err)) logger.warn({ err }, failing);
  }

  async function attempt(): Promise<void> {
    try {
      waitMs = await task();
      fault = null;
    } catch (thrown) {
      report(coerceError(thrown));
    }
  }

  const run = (): Promise<void> => (running ??= attempt().finally(() => void (running = null)));

  return {
    signal: stopping.signal,
    failures,
    start(): void {
      const immediately = firstAfterMs === 0;
      loop = startLoop({ clock, everyMs: () => waitMs, task: run, onError: report, immediately });
    },
    /** One run outside the interval, unless one is already scheduled. */
    runAfter(ms: number): void {
      cancelSoon ??= clock.after(ms, () => {
        cancelSoon = null;
        void run();
      });
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('the job is stopping'));
      cancelSoon?.();
      await loop?.stop();
      await running;
    },
    /** Why the last run failed; `null`: it did not. */
    fault: () => fault,
    failedRuns: () => failedRuns,
    /** The part of a job's status that its failures determine; `notes` replaces the fault. */
    describe(notes: readonly string[] = fault === null ? [] : [fault]) {
      const note = notes.join('; ').slice(0, LONGEST_NOTE);
      return { lastError: failures.last(), ...(note !== '' && { note }) };
    },
  };
}
