import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linePath } from '../../../src/dashboard/board/spark.ts';
import {
  describeLine,
  describeRatio,
  linesOf,
  longShareOf,
  sumLiquidations,
} from '../../../src/dashboard/drawer/positioning.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/kit/clock.ts';
import type { PositioningPoint } from '../../../src/openInterest/positioning/positioning.types.ts';

const NOW = Date.UTC(2026, 10, 20, 14);

const aPoint = (given: Partial<PositioningPoint>): PositioningPoint => ({
  ts: NOW,
  topPositions: null,
  topAccounts: null,
  accounts: null,
  takerBought: null,
  takerSold: null,
  ...given,
});

describe('positioning on the page', () => {
  it('shows a ratio with the share of longs, and an unknown one as a dash', () => {
    expect(describeRatio(1.4342)).toBe('1.43 (58.9%)');
    expect(describeRatio(0)).toBe('0.00 (0.0%)');
    expect(describeRatio(null)).toBe('—');
  });

  it('names each line with its newest value, low and high', () => {
    const points = [
      aPoint({ topPositions: 1.2, takerBought: 30, takerSold: 20 }),
      aPoint({ topPositions: 1.5, takerBought: 10, takerSold: 0 }),
      aPoint({ topPositions: 1.4 }),
    ];
    expect(linesOf(points).map(describeLine)).toEqual([
      'Top traders, positions: 1.40, in 24 hours from 1.20 to 1.50',
      'Top traders, accounts: not reported',
      'All accounts: not reported',
      'Taker buys/sells: 1.50, in 24 hours from 1.50 to 1.50',
    ]);
  });

  it('draws every known value within its box, and breaks at unknown ones', () => {
    const values = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })), { maxLength: 50 });
    fc.assert(
      fc.property(values, (given) => {
        const spots = Array.from(linePath(given, 160, 24).matchAll(/([ML])([\d.]+) ([\d.]+)/g));
        const known = given.filter((it) => it !== null);
        expect(spots).toHaveLength(known.length);
        for (const [, , x, y] of spots) {
          expect(Number(x)).toBeLessThanOrEqual(160);
          expect(Number(y)).toBeLessThanOrEqual(24);
        }
        const starts = given.filter((it, i) => it !== null && (i === 0 || given[i - 1] === null));
        expect(spots.filter(([, command]) => command === 'M')).toHaveLength(starts.length);
      }),
    );
  });

  it('adds up liquidations of an hour, four hours and a day', () => {
    const aMinute = (minute: number, longUsd: number, shortUsd: number) => ({
      ...{ minute, longUsd, shortUsd, longs: 2, shorts: 1 },
    });
    const minutes = [
      aMinute(NOW - 5 * HOUR_MS, 100, 0),
      aMinute(NOW - 2 * HOUR_MS, 0, 50),
      aMinute(NOW - MINUTE_MS, 300, 100),
    ];
    const sums = sumLiquidations(minutes, NOW);
    expect(sums.map((it) => [it.hours, it.longUsd, it.shortUsd, it.longs])).toEqual([
      [1, 300, 100, 2],
      [4, 300, 150, 4],
      [24, 400, 150, 6],
    ]);
    expect(sums.map(longShareOf)).toEqual(['75%', '67%', '73%']);
    expect(longShareOf(sumLiquidations([], NOW)[0]!)).toBe('—');
  });
});
