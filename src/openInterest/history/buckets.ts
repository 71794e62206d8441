import { sourceRank } from '../board/merge.ts';
import type { Source } from '../openInterest.types.ts';
import type { ContractColumns, PriceColumns } from './codec/hourCodec.ts';
import type { HistoryBucketRow } from './history.repository.ts';

type SampleColumns = Omit<ContractColumns, 'createdAt'> & PriceColumns;

/** The samples of one source in [from, to), epoch ms, in order of time, as buckets of `bucketMs` that are aligned to the epoch. */
export function bucketColumns(
  source: Source,
  { ts, openInterest, openInterestUsd, markPrice, fundingRate }: SampleColumns,
  { from, to, bucketMs }: { from: number; to: number; bucketMs: number },
): HistoryBucketRow[] {
  const buckets: HistoryBucketRow[] = [];
  let first = 0;
  while (first < ts.length && ts[first]! < from) first += 1;
  while (first < ts.length && ts[first]! < to) {
    const start = Math.floor(ts[first]! / bucketMs) * bucketMs;
    const end = Math.min(start + bucketMs, to);
    let last = first;
    let [low, high] = [openInterest[first]!, openInterest[first]!];
    while (last + 1 < ts.length && ts[last + 1]! < end) {
      last += 1;
      low = Math.min(low, openInterest[last]!);
      high = Math.max(high, openInterest[last]!);
    }
    buckets.push({
      bucket: new Date(start),
      first_ts: new Date(ts[first]!),
      last_ts: new Date(ts[last]!),
      samples: last - first + 1,
      open_interest_open: openInterest[first]!,
      open_interest: openInterest[last]!,
      open_interest_min: low,
      open_interest_max: high,
      open_interest_usd: openInterestUsd[last]!,
      mark_price: markPrice[last]!,
      funding_rate: fundingRate[last]!,
      first_source: source,
      source,
    });
    first = last + 1;
  }
  return buckets;
}

/**
 * The buckets of several readings as one list, oldest first, the cold tier's first. A sample that was stored again after its
 * hour was compacted is in both tiers until the next compaction and counts twice in `samples`; it changes nothing else.
 */
export function mergeBuckets(readings: readonly (readonly HistoryBucketRow[])[]): HistoryBucketRow[] {
  const merged = new Map<number, HistoryBucketRow>();
  for (const bucket of readings.flat()) {
    const start = bucket.bucket.getTime();
    const known = merged.get(start);
    merged.set(start, known ? mergeTwo(known, bucket) : bucket);
  }
  return [...merged.values()].toSorted((a, b) => a.bucket.getTime() - b.bucket.getTime());
}

/** Of two equal moments of one source `a` counts: the cold tier's, which is read first. */
function mergeTwo(a: HistoryBucketRow, b: HistoryBucketRow): HistoryBucketRow {
  const first = isBefore([b.first_ts, b.first_source], [a.first_ts, a.first_source]) ? b : a;
  const last = isBefore([a.last_ts, a.source], [b.last_ts, b.source]) ? b : a;
  return {
    ...last,
    first_ts: first.first_ts,
    first_source: first.first_source,
    open_interest_open: first.open_interest_open,
    samples: a.samples + b.samples,
    open_interest_min: Math.min(a.open_interest_min, b.open_interest_min),
    open_interest_max: Math.max(a.open_interest_max, b.open_interest_max),
  };
}

type Moment = [at: Date, source: HistoryBucketRow['source']];

function isBefore([at, source]: Moment, [other, otherSource]: Moment): boolean {
  return (
    at.getTime() - other.getTime() < 0 || (+at === +other && sourceRank(source) < sourceRank(otherSource))
  );
}
