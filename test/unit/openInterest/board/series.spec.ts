import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, MINUTE_MS } from '../../../../src/kit/clock.ts';
import {
  COARSE_BUCKET_MS,
  FINE_MS,
  KEPT_MS,
  createSeries,
  type SeriesPoint,
} from '../../../../src/openInterest/board/series.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);

function point(ts: number, openInterest = ts % 1_000_003): SeriesPoint {
  return { ts, openInterest, openInterestUsd: null, markPrice: null };
}

describe('createSeries', () => {
  it('returns the newest point at or before a time of the last hour, exactly', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: FINE_MS - 1 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 0, max: FINE_MS }),
        (ages, askedAge) => {
          const series = createSeries();
          series.add(point(NOW));
          for (const age of ages) series.add(point(NOW - age));
          const expected = [0, ...ages].filter((age) => age >= askedAge).toSorted((a, b) => a - b)[0];
          expect(series.atOrBefore(NOW - askedAge)?.ts).toBe(
            expected === undefined ? undefined : NOW - expected,
          );
        },
      ),
    );
  });

  it('is independent of the order of arrival within the last hour', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.integer({ min: 0, max: FINE_MS - 1 }), { minLength: 2, maxLength: 60 })
          .chain((ages) =>
            fc.tuple(fc.constant(ages), fc.shuffledSubarray(ages, { minLength: ages.length })),
          ),
        ([ages, shuffled]) => {
          const [a, b] = [createSeries(), createSeries()];
          for (const age of ages) a.add(point(NOW - age));
          for (const age of shuffled) b.add(point(NOW - age));
          expect(b.after(0)).toEqual(a.after(0));
        },
      ),
    );
  });

  it('keeps the last point of each two minutes of the day, in any order of arrival', () => {
    const ages = Array.from({ length: 400 }, (_, i) => FINE_MS + 1 + i * 50_000);
    fc.assert(
      fc.property(fc.shuffledSubarray(ages, { minLength: ages.length }), (shuffled) => {
        const [a, b] = [createSeries(), createSeries()];
        for (const age of [...ages.toReversed(), 0]) a.add(point(NOW - age));
        for (const age of [0, ...shuffled]) b.add(point(NOW - age));
        expect(b.after(0)).toEqual(a.after(0));
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the last point of each two minutes before the last hour, up to a day and ten minutes', () => {
    const series = createSeries();
    for (let ts = NOW - 2 * DAY_MS; ts <= NOW; ts += 10_000) series.add(point(ts));
    const points = series.after(0);
    const older = points.filter((it) => it.ts < NOW - FINE_MS);
    expect(points[0]!.ts).toBeGreaterThanOrEqual(NOW - KEPT_MS);
    expect(points[0]!.ts).toBeLessThan(NOW - KEPT_MS + 2 * COARSE_BUCKET_MS);
    expect(points.length - older.length).toBe(FINE_MS / 10_000 + 1);
    for (const it of older.slice(0, -1)) expect((it.ts + 10_000) % COARSE_BUCKET_MS).toBe(0);
    expect(older.length).toBeLessThanOrEqual(KEPT_MS / COARSE_BUCKET_MS + 1);
  });

  it('C5 stays bounded however fast a symbol is posted', () => {
    const series = createSeries();
    for (let ts = NOW - 30 * MINUTE_MS; ts <= NOW; ts += 100) series.add(point(ts));
    expect(series.after(0).length).toBeLessThan(1_100);
    expect(series.newestTs()).toBe(NOW);
  });

  it('keeps an existing point', () => {
    const series = createSeries();
    series.add(point(NOW - 1_000, 1));
    series.add(point(NOW, 2));
    series.add(point(NOW - 1_000, 3));
    expect(series.after(0).map((it) => it.openInterest)).toEqual([1, 2]);
  });
});
