import { describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/kit/clock.ts';
import { computeChanges, computeSpark } from '../../../src/openInterest/openInterest.changes.ts';
import { createSeries, type SeriesPoint } from '../../../src/openInterest/openInterest.series.ts';

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

  it('takes the newest sample at or before the start of the window, never one after it', () => {
    const series = seriesOf(
      point(NOW - 5 * MINUTE_MS - 8_000, 1_000),
      point(NOW - 5 * MINUTE_MS + 1_000, 500),
      point(NOW - 1_000, 900),
    );
    expect(computeChanges(series, point(NOW, 1_100), 10).d[0]).toBe(1_000);
  });

  it('L1 says nothing where the base is too early: a hole is not a zero', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS - 46_000, 1_000), point(NOW - 60_000, 1_000));
    expect(computeChanges(series, point(NOW, 1_100), 10)).toEqual({
      d: [null, null, null, null],
      dUsd: [null, null, null, null],
      p: [null, null, null, null],
    });
  });

  it('allows two polls of earliness where polls are far apart', () => {
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

  it('L1 leaves USD and price unknown where either end has no price, and still tells of contracts', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS, 1_000, null));
    const { d, dUsd, p } = computeChanges(series, point(NOW, 1_100, 2), 10);
    expect([d[0], dUsd[0], p[0]]).toEqual([1_000, null, null]);
  });

  it('tells no change against zero contracts, and never minus zero', () => {
    const series = seriesOf(point(NOW - 5 * MINUTE_MS, 0), point(NOW - 15 * MINUTE_MS, 1_000_000));
    const { d } = computeChanges(series, point(NOW, 999_999), 10);
    expect(d[0]).toBeNull();
    expect(Object.is(d[1], 0)).toBe(true);
  });
});

describe('computeSpark', () => {
  it('draws 48 half hours between the lowest and the highest, and zero where there was nothing', () => {
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

  it('draws a flat line in the middle and nothing from a single value', () => {
    expect(computeSpark(seriesOf(point(NOW, 5)), NOW)).toBeNull();
    const flat = computeSpark(seriesOf(point(NOW - HOUR_MS, 5), point(NOW, 5)), NOW)!;
    expect([...Buffer.from(flat, 'base64')].filter((byte) => byte > 0)).toEqual([128, 128]);
  });
});
