/**
 * How much came in lately: counts in buckets of five seconds for half an hour, whatever the traffic. The log of single
 * requests holds a number of them, these counts hold a time.
 */
export type Throughput = {
  record(at: number, counts: ThroughputCounts): void;
  /** What came from `from` to `to`, to the bucket. */
  totalBetween(from: number, to: number): ThroughputCounts;
};

type ThroughputCounts = {
  requests: number;
  /** Requests that were refused as a whole. */
  errors: number;
  /** Samples. */
  accepted: number;
  rejectedItems: number;
};

export const BUCKET_MS = 5_000;
export const KEPT_BUCKETS = 360;

export function createThroughput(): Throughput {
  /** Bucket `n` covers `n × 5 s` since 1970 and stands at `n % 360`; an older `n` there is over. */
  const buckets = Array.from({ length: KEPT_BUCKETS }, () => ({ n: -1, counts: nothing() }));

  return {
    record(at, counts) {
      const n = bucketOf(at);
      const bucket = buckets[n % KEPT_BUCKETS]!;
      if (bucket.n !== n) Object.assign(bucket, { n, counts: nothing() });
      add(bucket.counts, counts);
    },
    totalBetween(from, to) {
      const total = nothing();
      const last = bucketOf(to);
      for (let n = Math.max(bucketOf(from), last - KEPT_BUCKETS + 1); n <= last; n += 1) {
        const bucket = buckets[n % KEPT_BUCKETS]!;
        if (bucket.n === n) add(total, bucket.counts);
      }
      return total;
    },
  };
}

function nothing(): ThroughputCounts {
  return { requests: 0, errors: 0, accepted: 0, rejectedItems: 0 };
}

function bucketOf(at: number): number {
  return Math.floor(at / BUCKET_MS);
}

function add(total: ThroughputCounts, counts: ThroughputCounts): void {
  total.requests += counts.requests;
  total.errors += counts.errors;
  total.accepted += counts.accepted;
  total.rejectedItems += counts.rejectedItems;
}
