import { sourceRank } from '../board/merge.ts';
import type { HistoryBucketRow } from './history.repository.ts';
import type { StoredSample } from './samples.repository.ts';

/** Samples, in order of time and then of source, as buckets of `bucketMs` that are aligned to the epoch. */
export function bucketSamples(samples: readonly StoredSample[], bucketMs: number): HistoryBucketRow[] {
  const buckets: HistoryBucketRow[] = [];
  for (const sample of samples) {
    const start = Math.floor(sample.ts / bucketMs) * bucketMs;
    const bucket = buckets.at(-1);
    if (bucket?.bucket.getTime() !== start) {
      buckets.push(openBucket(sample, start));
      continue;
    }
    bucket.last_ts.setTime(sample.ts);
    bucket.samples += 1;
    bucket.open_interest = sample.openInterest;
    bucket.open_interest_min = Math.min(bucket.open_interest_min, sample.openInterest);
    bucket.open_interest_max = Math.max(bucket.open_interest_max, sample.openInterest);
    bucket.open_interest_usd = sample.openInterestUsd;
    bucket.mark_price = sample.markPrice;
    bucket.funding_rate = sample.fundingRate;
    bucket.source = sample.source;
  }
  return buckets;
}

function openBucket(sample: StoredSample, start: number): HistoryBucketRow {
  return {
    bucket: new Date(start),
    first_ts: new Date(sample.ts),
    last_ts: new Date(sample.ts),
    samples: 1,
    open_interest_open: sample.openInterest,
    open_interest: sample.openInterest,
    open_interest_min: sample.openInterest,
    open_interest_max: sample.openInterest,
    open_interest_usd: sample.openInterestUsd,
    mark_price: sample.markPrice,
    funding_rate: sample.fundingRate,
    first_source: sample.source,
    source: sample.source,
  };
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
