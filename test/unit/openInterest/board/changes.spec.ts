import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/kit/clock.ts';
import { computeChanges, computeSpark } from '../../../../src/openInterest/board/changes.ts';
import { HALF_HOUR_MS } from '../../../../src/openInterest/board/halfHours.ts';
import { WINDOWS, changeIn } from '../../../../src/openInterest/board/windows.shared.ts';
import { createSeries, type Series, type SeriesPoint } from '../../../../src/openInterest/board/series.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);

function point(ts: number, openInterest: number, markPrice: number | null = 2): SeriesPoint {
  return {
    ts,
    openInterest,
    openInterestUsd: markPrice === null ? null : openInterest * markPrice,
    markPrice,
  };
}

function seriesOf(...points: SeriesPoint[]) {
  const series = createSeries();
  for (const it of points) series.add(it);
  return series;
}

describe('computeChanges', () => {
  it('measures contracts, USD and price against the same base, in basis points', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS, 1_000, 2));
    const { d, dUsd, p } = computeChanges(series, point(NOW, 1_042, 2.02), 10);
    expect([d[0], dUsd[0], p[0]]).toEqual([420, 524, 100]);
  });

  it('measures every window, and keeps the four of older clients where they are', () => {
    const ages = [5, 15, 30, 60, 240, 1_440];
    const series = seriesOf(
      ...ages.map((minutes, i) => point(NOW - minutes * MINUTE_MS, 1_000 / (1 + (i + 1) / 10), 2)),
    );
    const changes = computeChanges(series, point(NOW, 1_000, 2), 10);
    expect(changes).toMatchObject({
      d: [1_000, 2_000, 4_000, 6_000],
      more: { d: [3_000, 5_000], p: [0, 0] },
    });
    expect(WINDOWS.map((it) => changeIn(changes, 'd', it))).toEqual([
      1_000, 2_000, 3_000, 4_000, 5_000, 6_000,
    ]);
    const old = { ...changes, more: undefined };
    expect(WINDOWS.map((it) => changeIn(old, 'd', it))).toEqual([1_000, 2_000, null, 4_000, null, 6_000]);
  });

  it('uses the newest sample at or before the start of the window, never one after it', () => {
    const series = seriesOf(
      point(NOW - 5 * MINUTE_MS - 8_000, 1_000),
      point(NOW - 5 * MINUTE_MS + 1_000, 500),
      point(NOW - 1_000, 900),
    );
    expect(computeChanges(series, point(NOW, 1_100), 10).d[0]).toBe(1_000);
  });

  it('L1 returns null where the base is too old: a gap is not a zero', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS - 46_000, 1_000), point(NOW - 60_000, 1_000));
    expect(computeChanges(series, point(NOW, 1_100), 10)).toEqual({
      d: [null, null, null, null],
      dUsd: [null, null, null, null],
      p: [null, null, null, null],
      more: { d: [null, null], dUsd: [null, null], p: [null, null] },
    });
  });

  it('tolerates a base two polls older where polls are far apart', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS - 110_000, 1_000));
    expect(computeChanges(series, point(NOW, 1_100), 60).d[0]).toBe(1_000);
    expect(computeChanges(series, point(NOW, 1_100), 30).d[0]).toBeNull();
  });

  it('measures against five-minute points where there are no others', () => {
    const series = createSeries();
    for (let age = DAY_MS + 9 * MINUTE_MS; age > HOUR_MS; age -= 5 * MINUTE_MS) {
      series.add(point(NOW - age, 1_000));
    }
    const { d } = computeChanges(series, point(NOW, 900), 10);
    expect(d).toEqual([null, null, -1_000, -1_000]);
  });

  it('L1 leaves USD and price unknown where either end has no price, and still measures contracts', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS, 1_000, null));
    const { d, dUsd, p } = computeChanges(series, point(NOW, 1_100, 2), 10);
    expect([d[0], dUsd[0], p[0]]).toEqual([1_000, null, null]);
  });

  it('returns no change against zero contracts, and never minus zero', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS, 0), point(NOW - 15 * MINUTE_MS, 1_000_000));
    const { d } = computeChanges(series, point(NOW, 999_999), 10);
    expect(d[0]).toBeNull();
    expect(Object.is(d[1], 0)).toBe(true);
  });
});

describe('computeSpark', () => {
  /** Every point of the day, walked through: what the values of half hours must not differ from. */
  function walkedSpark(series: Series, now: number): string | null {
    const last = Math.floor(now / HALF_HOUR_MS);
    const values = new Map<number, number>();
    for (const { ts, openInterest } of series.after(0))
      values.set(Math.floor(ts / HALF_HOUR_MS), openInterest);
    const drawn = Array.from({ length: 48 }, (_, i) => values.get(last - 47 + i));
    const known = drawn.filter((it) => it !== undefined);
    if (known.length < 2) return null;
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const heightOf = (value: number) =>
      high === low ? 128 : 1 + Math.round(((value - low) / (high - low)) * 254);
    return Buffer.from(drawn.map((it) => (it === undefined ? 0 : heightOf(it)))).toString('base64');
  }

  it('matches a naive walk over every point of the day, in any order of arrival', () => {
    fc.assert(
      fc.property(
        // Steps of 7 s over 30 h: dense and sparse stretches, repeated times, expired points.
        fc.array(fc.tuple(fc.integer({ min: 0, max: 15_000 }), fc.integer({ min: 0, max: 9 })), {
          maxLength: 300,
        }),
        fc.integer({ min: 0, max: HALF_HOUR_MS }),
        (points, laterMs) => {
          const series = seriesOf(point(NOW, 5));
          for (const [age, value] of points) series.add(point(NOW - age * 7_000, value));
          expect(computeSpark(series, NOW + laterMs)).toBe(walkedSpark(series, NOW + laterMs));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('scales 48 half hours between the lowest and the highest, and zero where there is no data', () => {
    const series = seriesOf(
      point(NOW - 23 * HOUR_MS, 100),
      point(NOW - 12 * HOUR_MS, 200),
      point(NOW - 1, 150),
      point(NOW, 150),
    );
    const bytes = [...Buffer.from(computeSpark(series, NOW)!, 'base64')];
    expect(bytes).toHaveLength(48);
    expect(bytes.filter((byte) => byte > 0)).toEqual([1, 255, 128, 128]);
    expect(bytes.at(-1)).toBe(128);
  });

  it('puts a constant value in the middle, and nothing for a single value', () => {
    expect(computeSpark(seriesOf(point(NOW, 5)), NOW)).toBeNull();
    const flat = computeSpark(seriesOf(point(NOW - HOUR_MS, 5), point(NOW, 5)), NOW)!;
    expect([...Buffer.from(flat, 'base64')].filter((byte) => byte > 0)).toEqual([128, 128]);
  });
});
