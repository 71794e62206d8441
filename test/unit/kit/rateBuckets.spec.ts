import { describe, expect, it } from '@jest/globals';
import { createRateBuckets } from '../../../src/kit/rateBuckets.ts';

/** Three buckets of a second each. */
const aRing = () => createRateBuckets({ fields: ['hits', 'bytes'], bucketMs: 1_000, buckets: 3 });

describe('createRateBuckets', () => {
  it('sums each field over the buckets between two times, both included', () => {
    const ring = aRing();
    ring.add(5_000, { hits: 1, bytes: 10 });
    ring.add(5_999, { hits: 1 });
    ring.add(7_000, { bytes: 5 });
    expect(ring.totalBetween(5_500, 6_999)).toEqual({ hits: 2, bytes: 10 });
    expect(ring.totalBetween(5_500, 7_000)).toEqual({ hits: 2, bytes: 15 });
  });

  it('drops a bucket when its slot is reused', () => {
    const ring = aRing();
    ring.add(5_000, { hits: 1 });
    ring.add(8_000, { hits: 2 });
    expect(ring.totalBetween(0, 8_000)).toEqual({ hits: 2, bytes: 0 });
  });

  it('ignores expired buckets that nothing has replaced', () => {
    const ring = aRing();
    ring.add(5_000, { hits: 1 });
    expect(ring.totalBetween(0, 60_000)).toEqual({ hits: 0, bytes: 0 });
  });

  it('returns a copy: adding later does not change an earlier total', () => {
    const ring = aRing();
    ring.add(5_000, { hits: 1 });
    const total = ring.totalBetween(5_000, 5_000);
    ring.add(5_000, { hits: 1 });
    expect(total.hits).toBe(1);
  });
});
