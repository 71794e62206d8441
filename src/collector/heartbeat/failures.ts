import { MINUTE_MS, type Clock } from '../../kit/clock.ts';
import { codeOfError, describeError } from '../../kit/errors.ts';
import type { ReportedError } from '../../openInterest/operator/collectors/heartbeat.types.ts';

type Failure = Omit<ReportedError, 'at' | 'count'>;

const LONGEST_TEXT = 300;
const LONGEST_CODE = 64;

/**
 * What a job met lately instead of answers: the last failure, and how many there were in the last minute.
 *
 * `clock` must be steady; `systemClock` is what people read.
 */
export function createFailures(options: {
  clock: Clock;
  systemClock: Pick<Clock, 'now'>;
  rememberMs?: number;
}) {
  const { clock, systemClock, rememberMs = MINUTE_MS } = options;
  let times: number[] = [];
  let failure: (Failure & { notedAt: number }) | null = null;
  let toldAt = -Infinity;

  function forget(): void {
    const since = clock.now() - MINUTE_MS;
    const kept = times.findIndex((at) => at > since);
    if (kept !== 0) times = kept < 0 ? [] : times.slice(kept);
  }

  return {
    /** True once a minute at most: it is time for a line in the log. */
    note(thrown: unknown): boolean {
      times.push(clock.now());
      forget();
      failure = { ...describeFailure(thrown), notedAt: clock.now() };
      if (clock.now() - toldAt < MINUTE_MS) return false;
      toldAt = clock.now();
      return true;
    },
    /** For a heartbeat; `null`: nothing has failed for a minute, or for as long as it is to be remembered. */
    last(): ReportedError | null {
      forget();
      if (failure === null || clock.now() - failure.notedAt >= rememberMs) return null;
      const { notedAt, ...facts } = failure;
      return { ...facts, at: systemClock.now() - (clock.now() - notedAt), count: times.length };
    },
  };
}

function describeFailure(thrown: unknown): Failure {
  const { status } = (thrown ?? {}) as { status?: unknown };
  return {
    status: typeof status === 'number' ? status : null,
    code: codeOfError(thrown)?.slice(0, LONGEST_CODE) ?? null,
    text: describeError(thrown).slice(0, LONGEST_TEXT),
  };
}

/** `503 -1008 the exchange answered 503: … (last of 340 in a minute)` */
export function formatFailure({ text, count }: ReportedError): string {
  return count > 1 ? `${text} (last of ${count} in a minute)` : text;
}
