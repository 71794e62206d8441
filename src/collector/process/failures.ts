import { MINUTE_MS, type Clock } from '../../kit/clock.ts';
import { codeOfError, describeError } from '../../kit/errors.ts';
import type { ReportedError } from '../../openInterest/operator/collectors/heartbeat.types.ts';

type Failure = Omit<ReportedError, 'at' | 'count'>;

const LONGEST_TEXT = 300;
const LONGEST_CODE = 64;

export type Failures = ReturnType<typeof createFailures>;

/**
 * A job's last failure, and how many there were in the last minute. `clock` must be steady; reports carry the time of
 * `systemClock`.
 */
export function createFailures(options: {
  clock: Clock;
  systemClock: Pick<Clock, 'now'>;
  rememberMs?: number;
}) {
  const { clock, systemClock, rememberMs = MINUTE_MS } = options;
  let times: number[] = [];
  let failure: (Failure & { notedAt: number }) | null = null;
  let loggedAt = -Infinity;

  function forget(): void {
    const since = clock.now() - MINUTE_MS;
    const kept = times.findIndex((at) => at > since);
    if (kept !== 0) times = kept < 0 ? [] : times.slice(kept);
  }

  return {
    /** True at most once a minute, when the failure should be logged. */
    note(thrown: unknown): boolean {
      times.push(clock.now());
      forget();
      failure = { ...describeFailure(thrown), notedAt: clock.now() };
      if (clock.now() - loggedAt < MINUTE_MS) return false;
      loggedAt = clock.now();
      return true;
    },
    /** For a heartbeat; `null`: no failure within `rememberMs` (a minute). */
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
