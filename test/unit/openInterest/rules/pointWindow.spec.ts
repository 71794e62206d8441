import { describe, expect, it } from '@jest/globals';
import type { HourColumns } from '../../../../src/openInterest/history/hourColumns.ts';
import { createPointWindow } from '../../../../src/openInterest/rules/pointWindow.ts';

const HOUR = 3_600_000;
const PRICES = { openInterestUsd: [], markPrice: [], fundingRate: [] };

/** Samples every ten seconds from `sec` on, each worth its time. */
function columnsOf(hour: number, source: 'realtime' | 'backfill', sec: number): HourColumns {
  const ts = Float64Array.from({ length: 300 }, (_, i) => hour + (i * 10 + sec) * 1_000);
  const createdAt = ts.map((it) => it + 1_000);
  return {
    symbol: 'MUSDT',
    hour,
    source,
    ts,
    createdAt,
    openInterest: ts.map((it) => it),
    prices: () => PRICES,
  };
}

describe('a window of points', () => {
  it('has the samples of the last hours by time, and knows since when they are even', () => {
    const window = createPointWindow();
    for (let hour = HOUR; hour < 30 * HOUR; hour += HOUR) {
      window.dropBefore(hour - 2 * HOUR);
      const isMixed = hour === 20 * HOUR;
      const columns = [columnsOf(hour, 'realtime', 0)];
      window.add(isMixed ? [...columns, columnsOf(hour, 'backfill', 5)] : columns);
      const { ts, openInterest, createdAt, evenFrom } = window.points();
      expect(ts[0]).toBe(Math.max(HOUR, hour - 2 * HOUR));
      expect(ts).toEqual(ts.toSorted());
      expect([openInterest, createdAt]).toEqual([ts, ts.map((it) => it + 1_000)]);
      // The last ten minutes of each hour are silent.
      expect(evenFrom.at(-1)).toBe(isMixed ? Infinity : hour);
    }
  });
});
