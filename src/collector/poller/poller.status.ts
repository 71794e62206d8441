import { SECOND_MS } from '../../kit/clock.ts';
import type { JobStatus } from '../collector.job.types.ts';
import type { Counts } from './poller.counts.ts';

/** A time in which the exchange is not asked. */
export type Closure = { until: number; why: string };

/** Samples carry the exchange's time, but whoever reads logs and ages has to know. */
const WRONG_CLOCK_MS = 2 * SECOND_MS;
/** A symbol may fail once or twice before it counts as not read. */
const WINDOW_INTERVALS = 3;
const SHORTEST_WINDOW_MS = 15 * SECOND_MS;
const ENOUGH_SHARE = 0.9;

type Facts = {
  now: number;
  startedAt: number;
  evenIntervalMs: number;
  symbols: number;
  closed: Closure | null;
  clockAheadMs: number | null;
  counts: Pick<Counts, 'readSince' | 'lastReadAt'>;
};

/** What the poller's heartbeat says: how many symbols were read lately, and what is wrong if anything is. Pure. */
export function describePoller(facts: Facts): JobStatus {
  const { now, evenIntervalMs, symbols, counts } = facts;
  const windowMs = Math.max(WINDOW_INTERVALS * evenIntervalMs, SHORTEST_WINDOW_MS);
  const ok = counts.readSince(now - windowMs);
  return {
    name: 'poller',
    everySec: Math.round(evenIntervalMs) / SECOND_MS,
    lastRunAt: counts.lastReadAt(),
    ok,
    failed: Math.max(0, symbols - ok),
    ...judge(facts, ok, windowMs),
  };
}

function judge(facts: Facts, ok: number, windowMs: number): Pick<JobStatus, 'state' | 'note'> {
  const { now, symbols, closed } = facts;
  if (closed && closed.until > now) {
    return { state: 'paused', note: `${closed.why} until ${new Date(closed.until).toISOString()}` };
  }
  if (symbols === 0) return { state: 'paused', note: 'there is no universe yet' };
  const aheadMs = facts.clockAheadMs ?? 0;
  if (Math.abs(aheadMs) > WRONG_CLOCK_MS) {
    const sec = (Math.abs(aheadMs) / SECOND_MS).toFixed(1);
    const which = aheadMs > 0 ? 'behind' : 'ahead of';
    return { state: 'slow', note: `the clock of this machine is ${sec} s ${which} the exchange's` };
  }
  const isYoung = now - facts.startedAt < windowMs;
  if (ok >= symbols * ENOUGH_SHARE || isYoung) return { state: 'up' };
  return { state: ok === 0 ? 'down' : 'slow', note: `${symbols - ok} of ${symbols} symbols not read` };
}
