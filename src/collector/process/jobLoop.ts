import type { Clock } from '../../kit/clock.ts';
import { describeError } from '../../kit/errors.ts';
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

  async function run(): Promise<void> {
    waitMs = await task();
    fault = null;
  }

  return {
    signal: stopping.signal,
    failures,
    start(): void {
      const immediately = firstAfterMs === 0;
      loop = startLoop({ clock, everyMs: () => waitMs, task: run, onError: report, immediately });
    },
    /** Brings the next run forward, so that it starts within `ms`. */
    runWithin: (ms: number): void => loop?.runWithin(ms),
    async stop(): Promise<void> {
      stopping.abort(new Error('the job is stopping'));
      await loop?.stop();
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
