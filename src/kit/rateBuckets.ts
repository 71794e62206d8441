/** Counts per time bucket for the last `buckets` × `bucketMs`, in memory of constant size. */
export function createRateBuckets<Field extends string>(options: {
  fields: readonly Field[];
  bucketMs: number;
  buckets: number;
}) {
  const { fields, bucketMs, buckets } = options;
  const zeros = (): Record<Field, number> =>
    Object.fromEntries(fields.map((it) => [it, 0])) as Record<Field, number>;
  /** Bucket `n` covers the `n`th `bucketMs` since 1970 and is kept at `n % buckets`; a lower `n` there has expired. */
  const ring = Array.from({ length: buckets }, () => ({ n: -1, counts: zeros() }));
  const numberOf = (at: number): number => Math.floor(at / bucketMs);

  function increase(total: Record<Field, number>, by: Partial<Record<Field, number>>): void {
    for (const field of fields) total[field] += by[field] ?? 0;
  }

  function countsAt(at: number): Record<Field, number> {
    const n = numberOf(at);
    const bucket = ring[n % buckets]!;
    if (bucket.n !== n) Object.assign(bucket, { n, counts: zeros() });
    return bucket.counts;
  }

  return {
    /** Adds to the counts of the bucket that `at` (epoch ms) falls into. */
    add: (at: number, counts: Partial<Record<Field, number>>): void => increase(countsAt(at), counts),
    /** The counts of that bucket, to be increased at once. */
    countsAt,
    /** Sums the buckets from that of `from` to that of `to`, both included (epoch ms). */
    totalBetween(from: number, to: number): Record<Field, number> {
      const total = zeros();
      const last = numberOf(to);
      for (let n = Math.max(numberOf(from), last - buckets + 1); n <= last; n += 1) {
        const bucket = ring[n % buckets]!;
        if (bucket.n === n) increase(total, bucket.counts);
      }
      return total;
    },
  };
}
