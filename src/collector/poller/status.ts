import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { ReportedError } from '../../openInterest/operator/collectors/heartbeat.types.ts';
import { formatDecimal } from '../../kit/format.shared.ts';
import type { JobStatus } from '../job.types.ts';
import { formatFailure } from '../process/failures.ts';

/** A time in which the exchange refuses requests; `until` is of the poller's clock. */
export type PollerPause = { until: number; why: string };

/** Samples carry the exchange's time, but logs and ages are those of this machine. */
const WRONG_CLOCK_MS = 2 * SECOND_MS;
/** A symbol may fail once or twice before it counts as not read. */
const WINDOW_INTERVALS = 3;
const SHORTEST_WINDOW_MS = 15 * SECOND_MS;
const ENOUGH_SHARE = 0.9;
const EMPTY_FOR_MS = MINUTE_MS;

type Facts = {
  /** By the poller's clock, like all times here. */
  now: number;
  /** The same time by the system clock, for reports. */
  systemNow: number;
  startedAt: number;
  evenIntervalMs: number;
  symbols: number;
  paused: PollerPause | null;
  clockAheadMs: number | null;
  readTimes: Pick<ReadTimes, 'countSince' | 'lastAt'>;
  lastError: ReportedError | null;
};

/** The poller's part of a heartbeat: how many symbols were read lately, and what is wrong. Pure. */
export function describePoller(facts: Facts): JobStatus {
  const { now, systemNow, evenIntervalMs, symbols, readTimes } = facts;
  const windowMs = Math.max(WINDOW_INTERVALS * evenIntervalMs, SHORTEST_WINDOW_MS);
  const ok = readTimes.countSince(now - windowMs);
  const lastAt = readTimes.lastAt();
  return {
    name: 'poller',
    everySec: Math.round(evenIntervalMs) / SECOND_MS,
    lastRunAt: lastAt === null ? null : systemNow - (now - lastAt),
    ok,
    failed: Math.max(0, symbols - ok),
    lastError: facts.lastError,
    ...judge(facts, ok, windowMs),
  };
}

type Judgement = Pick<JobStatus, 'state' | 'note' | 'blockedBy' | 'waitsUntil'>;

function judge(facts: Facts, ok: number, windowMs: number): Judgement {
  const { now, symbols, paused, lastError } = facts;
  if (paused && paused.until > now) {
    const waitsUntil = facts.systemNow + (paused.until - now);
    return { state: 'down', note: `${paused.why} until ${new Date(waitsUntil).toISOString()}`, waitsUntil };
  }
  if (symbols === 0) return judgeEmpty(now - facts.startedAt);
  const aheadMs = facts.clockAheadMs ?? 0;
  if (Math.abs(aheadMs) > WRONG_CLOCK_MS) {
    const sec = formatDecimal(Math.abs(aheadMs) / SECOND_MS, 1);
    const which = aheadMs > 0 ? 'behind' : 'ahead of';
    return { state: 'slow', note: `the clock of this machine is ${sec} s ${which} the exchange's` };
  }
  const isYoung = now - facts.startedAt < windowMs;
  const reason = lastError && formatFailure(lastError);
  if (ok >= symbols * ENOUGH_SHARE || isYoung)
    return { state: 'up', ...(reason && { note: reason.slice(0, 500) }) };
  const unread = `${symbols - ok} of ${symbols} symbols not read`;
  return {
    state: ok === 0 ? 'down' : 'slow',
    note: (reason ? `${unread}: ${reason}` : unread).slice(0, 500),
  };
}

/** The first universe takes seconds; later, a missing one needs an operator. */
function judgeEmpty(sinceStartMs: number): Judgement {
  const note = 'there is no universe yet; the job liquid-universe makes it';
  return { state: sinceStartMs < EMPTY_FOR_MS ? 'paused' : 'down', blockedBy: 'universe', note };
}

export type ReadTimes = ReturnType<typeof createReadTimes>;

/** When each symbol was read last, by the poller's clock. */
export function createReadTimes() {
  const readAt = new Map<string, number>();
  let lastAt: number | null = null;

  return {
    note(symbol: string, at: number): void {
      lastAt = at;
      readAt.set(symbol, at);
    },
    /** Forgets every other symbol. */
    keep(symbols: ReadonlySet<string>): void {
      for (const symbol of readAt.keys()) if (!symbols.has(symbol)) readAt.delete(symbol);
    },
    /** How many symbols were read at or after that moment. */
    countSince: (at: number) => [...readAt.values()].filter((it) => it >= at).length,
    /** Of any symbol; `null`: none yet. */
    lastAt: () => lastAt,
  };
}
