import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { HistoryBucketRow } from './history.repository.ts';
import type { HistoryBody, HistoryInterval, HistoryRange } from './history.types.ts';
import type { OpenInterestAlert } from '../openInterest.types.ts';

const INTERVALS: Readonly<Record<HistoryInterval, number>> = {
  '10s': 10 * SECOND_MS,
  '30s': 30 * SECOND_MS,
  '1m': MINUTE_MS,
  '2m': 2 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': DAY_MS,
};

/** Bucket widths that keep every range below 1,008 points. */
const RANGES: Readonly<
  Record<Exclude<HistoryRange, 'all'>, { lengthMs: number; interval: HistoryInterval }>
> = {
  '1h': { lengthMs: HOUR_MS, interval: '10s' },
  '6h': { lengthMs: 6 * HOUR_MS, interval: '30s' },
  '24h': { lengthMs: DAY_MS, interval: '2m' },
  '7d': { lengthMs: 7 * DAY_MS, interval: '15m' },
  '30d': { lengthMs: 30 * DAY_MS, interval: '1h' },
  '1y': { lengthMs: 365 * DAY_MS, interval: '12h' },
};

/** The most buckets of a response: without an `interval` in the request, and with one. */
const USUAL_BUCKETS = 1_008;
export const MOST_BUCKETS = 2_016;

/** A silence is a gap when it is longer than three polls and longer than this. */
const SHORTEST_GAP_MS = 90 * SECOND_MS;

export type HistoryWindow = { from: number; to: number; bucketMs: number };

/** What to read for a range: whole buckets, the running one included. `all` is `historySpan` from the first sample on. */
export function historyWindow(
  range: Exclude<HistoryRange, 'all'>,
  now: number,
  interval: HistoryInterval = RANGES[range].interval,
): HistoryWindow {
  const bucketMs = INTERVALS[interval];
  const to = (Math.floor(now / bucketMs) + 1) * bucketMs;
  return { from: to - Math.max(RANGES[range].lengthMs, bucketMs), to, bucketMs };
}

/** Whole buckets that hold [from, to), epoch ms; without an interval the shortest that keeps them few. */
export function historySpan(from: number, to: number, interval?: HistoryInterval): HistoryWindow {
  const widths = Object.values(INTERVALS);
  const bucketMs = interval
    ? INTERVALS[interval]
    : (widths.find((width) => (to - from) / width <= USUAL_BUCKETS - 2) ?? widths.at(-1)!);
  return {
    from: Math.floor(from / bucketMs) * bucketMs,
    to: Math.ceil(to / bucketMs) * bucketMs,
    bucketMs,
  };
}

export function countBuckets({ from, to, bucketMs }: HistoryWindow): number {
  return Math.round((to - from) / bucketMs);
}

/** `now`: until when the window is known. */
export function computeHistory(
  symbol: string,
  range: HistoryRange | null,
  window: HistoryWindow & { now: number },
  buckets: readonly HistoryBucketRow[],
  everySec: number,
  alerts: OpenInterestAlert[],
): HistoryBody {
  const first = buckets[0];
  const sec = (date: Date | number) => Math.floor(Number(date) / 1_000);
  return {
    symbol,
    range,
    bucketSec: window.bucketMs / 1_000,
    from: sec(first ? Math.max(first.first_ts.getTime(), window.from) : window.from),
    to: sec(window.to),
    t: buckets.map((it) => sec(it.bucket)),
    oi: buckets.map((it) => it.open_interest),
    oiMin: buckets.map((it) => it.open_interest_min),
    oiMax: buckets.map((it) => it.open_interest_max),
    oiOpen: buckets.map((it) => it.open_interest_open),
    usd: buckets.map((it) => it.open_interest_usd),
    mark: buckets.map((it) => it.mark_price),
    funding: buckets.map((it) => it.funding_rate),
    samples: buckets.map((it) => it.samples),
    gaps: computeGaps(buckets, everySec, silentUntil(window)),
    source: computeSources(buckets, window.bucketMs),
    alerts,
    truncated: false,
  };
}

/** The latest moment at which silence is certain: the start of the bucket that is still running, or the end of the window. */
function silentUntil({ to, bucketMs, now }: HistoryWindow & { now: number }): number {
  return Math.min(to, Math.floor(now / bucketMs) * bucketMs);
}

/** Silences between the last sample of one bucket and the first of the next, and after the last one, epoch seconds. */
export function computeGaps(
  buckets: readonly Pick<HistoryBucketRow, 'first_ts' | 'last_ts' | 'source'>[],
  everySec: number,
  until: number,
): [number, number][] {
  const gaps: [number, number][] = [];
  for (const [i, bucket] of buckets.entries()) {
    const next = buckets[i + 1];
    const from = bucket.last_ts.getTime();
    const to = next ? next.first_ts.getTime() : until;
    // Five-minute points are five minutes apart without anything missing.
    const isRealtime = bucket.source === 'realtime' && (next?.source ?? 'realtime') === 'realtime';
    const usualMs = isRealtime ? everySec * SECOND_MS : 5 * MINUTE_MS;
    if (to - from > Math.max(3 * usualMs, SHORTEST_GAP_MS)) {
      gaps.push([Math.floor(from / SECOND_MS), Math.floor(to / SECOND_MS)]);
    }
  }
  return gaps;
}

function computeSources(
  buckets: readonly Pick<HistoryBucketRow, 'bucket' | 'source'>[],
  bucketMs: number,
): [string, number, number][] {
  const runs: [string, number, number][] = [];
  for (const { bucket, source } of buckets) {
    const from = Math.floor(bucket.getTime() / 1_000);
    const to = from + bucketMs / 1_000;
    const run = runs.at(-1);
    if (run && run[0] === source) run[2] = to;
    else runs.push([source, from, to]);
  }
  return runs;
}
