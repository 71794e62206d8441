import { MINUTE_MS, type Clock } from '../kit/clock.ts';
import { codeOfError, describeError } from '../kit/errors.ts';
import type { ReportedError } from '../openInterest/openInterest.heartbeat.types.ts';
import { ExchangeError } from './exchangeError.ts';

/** What a job met lately instead of answers: the last failure, and how many there were in the last minute. */
export type Failures = {
  /** True once a minute at most: it is time for a line in the log. */
  note(thrown: unknown): boolean;
  /** For a heartbeat; `null`: nothing has failed within the last minute. */
  last(): ReportedError | null;
};

type Failure = Omit<ReportedError, 'at' | 'count'>;

const LONGEST_TEXT = 300;
const LONGEST_CODE = 64;

/** `clock` must be steady; `systemClock` is what people read. */
export function createFailures(options: { clock: Clock; systemClock: Pick<Clock, 'now'> }): Failures {
  const { clock, systemClock } = options;
  let times: number[] = [];
  let failure: Failure | null = null;
  let toldAt = -Infinity;

  function forget(): void {
    const since = clock.now() - MINUTE_MS;
    const kept = times.findIndex((at) => at > since);
    if (kept !== 0) times = kept < 0 ? [] : times.slice(kept);
  }

  return {
    note(thrown) {
      times.push(clock.now());
      forget();
      failure = describeFailure(thrown);
      if (clock.now() - toldAt < MINUTE_MS) return false;
      toldAt = clock.now();
      return true;
    },
    last() {
      forget();
      const at = times.at(-1);
      if (at === undefined || failure === null) return null;
      return { ...failure, at: systemClock.now() - (clock.now() - at), count: times.length };
    },
  };
}

function describeFailure(thrown: unknown): Failure {
  const { status = null, code = null } = thrown instanceof ExchangeError ? thrown : {};
  return {
    status,
    code: (code ?? codeOfError(thrown))?.slice(0, LONGEST_CODE) ?? null,
    text: describeError(thrown).slice(0, LONGEST_TEXT),
  };
}

/** `503 -1008 the exchange answered 503: … (last of 340 in a minute)` */
export function formatFailure({ text, count }: ReportedError): string {
  return count > 1 ? `${text} (last of ${count} in a minute)` : text;
}
