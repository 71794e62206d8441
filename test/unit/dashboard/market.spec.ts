import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { HeldRow } from '../../../src/client/sync.types.ts';
import { NO_SECTOR, selectPoints, sumPoints, sumSectors } from '../../../src/dashboard/market/market.ts';
import { layoutScatter, MARGIN } from '../../../src/dashboard/market/scatterLayout.ts';
import { layoutTreemap } from '../../../src/dashboard/market/treemapLayout.ts';
import { describePoint } from '../../../src/dashboard/market/words.ts';
import type { Line } from '../../../src/dashboard/board/lines.ts';
import { aRow } from './boardMessages.ts';

const NOW = Date.UTC(2026, 10, 20, 14);
const CONTEXT = { window: '1h', unit: 'contracts', now: NOW, mode: 'realtime' } as const;
const SIZE = { width: 800, height: 500 };

type Given = Partial<HeldRow> & { oi?: number | null; price?: number | null };

/** Changes are basis points of the hour. */
function line(symbol: string, { oi = null, price = null, ...given }: Given): Line {
  const hour = (value: number | null) => [null, null, value, null];
  const usd = oi === null ? null : Math.round(oi + (price ?? 0));
  return {
    symbol,
    row: aRow({ symbol, ts: NOW, d: hour(oi), p: hour(price), dUsd: hour(usd), ...given }),
  };
}

const LINES = [
  line('AUSDT', { openInterestUsd: 110e6, oi: 1_000, price: 0, sectors: ['Meme', 'AI'] }),
  line('BUSDT', { openInterestUsd: 90e6, oi: -1_000, price: 0, sectors: ['AI'] }),
  line('CUSDT', { openInterestUsd: 300e6, sectors: [] }),
  line('OLDUSDT', { openInterestUsd: 5e9, ts: NOW - 3_600_000 }),
  line('BLANKUSDT', { openInterestUsd: null, markPrice: null, oi: 10 }),
  { symbol: 'NEVERUSDT', row: null },
];

describe('the market', () => {
  it('L1 consists of current values, largest first, and sums only known changes', () => {
    const points = selectPoints(LINES, CONTEXT);
    expect(points.map((it) => it.symbol)).toEqual(['CUSDT', 'AUSDT', 'BUSDT']);
    expect(sumPoints(points)).toEqual({
      symbols: 3,
      usd: 500e6,
      amount: 0,
      change: 0,
      up: 1,
      down: 1,
      priceUp: 0,
      priceDown: 0,
    });
    expect(sumPoints(selectPoints(LINES.slice(2), CONTEXT))).toMatchObject({ amount: null, change: null });
    expect(points.map(describePoint)).toEqual([
      'CUSDT, OI $300.00M',
      'AUSDT, OI $110.00M, price 0.00%, OI +10.00%, ΔUSD +$10.00M, Building, price flat',
      'BUSDT, OI $90.00M, price 0.00%, OI −10.00%, ΔUSD −$10.00M, Unwinding, price flat',
    ]);
  });

  it('counts a symbol in each of its sectors, and those without one together', () => {
    const sectors = sumSectors(selectPoints(LINES, CONTEXT));
    expect(sectors.map((it) => [it.sector, it.symbols, it.usd, it.amount, it.largest?.symbol])).toEqual([
      [NO_SECTOR, 1, 300e6, null, undefined],
      ['AI', 2, 200e6, 0, 'AUSDT'],
      ['Meme', 1, 110e6, 10e6, 'AUSDT'],
    ]);
  });
});

const change = fc.option(fc.integer({ min: -9_999, max: 1e6 }));
const anyLines = fc
  .array(
    fc.record({
      openInterestUsd: fc.double({ min: 0, max: 1e11, noNaN: true }),
      oi: change,
      price: change,
      sectors: fc.subarray(['Meme', 'AI', 'Layer-1']),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) => rows.map((row, i) => line(`S${i}USDT`, row)));

describe('the pictures', () => {
  it('have every symbol with both changes inside the axes, rising and growing ones right and up', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const points = selectPoints(lines, CONTEXT);
        const { bubbles, labels, xTicks } = layoutScatter(points, SIZE);
        expect(bubbles).toHaveLength(points.filter((it) => it.oi !== null && it.price !== null).length);
        const middle = xTicks.find((it) => it.label === '0.00%')!.at;
        for (const { x, y, radius, point } of bubbles) {
          // The whole circle, and none over the labels of the axes.
          expect(x - radius).toBeGreaterThanOrEqual(MARGIN.left);
          expect(x + radius).toBeLessThanOrEqual(SIZE.width);
          expect(y - radius).toBeGreaterThanOrEqual(0);
          expect(y + radius).toBeLessThanOrEqual(SIZE.height - MARGIN.bottom);
          expect(radius).toBeGreaterThan(0);
          expect(Math.sign(Math.round((x - middle) * 1e6))).toBe(Math.sign(point.price) + 0);
        }
        expect(new Set(labels.map((it) => it.symbol)).size).toBe(labels.length);
      }),
      { numRuns: 100 },
    );
  });

  it('have each symbol once as an area of its share, inside that of its sector', () => {
    const points = selectPoints(LINES, CONTEXT);
    const { sectors, symbols } = layoutTreemap(points, SIZE);
    expect(sectors.map((it) => it.sector)).toEqual([NO_SECTOR, 'Meme', 'AI']);
    expect(symbols.map((it) => it.symbol).toSorted()).toEqual(['AUSDT', 'BUSDT', 'CUSDT']);
    const area = (symbol: string) => {
      const box = symbols.find((it) => it.symbol === symbol)!;
      return box.width * box.height;
    };
    expect(area('CUSDT') / area('AUSDT')).toBeCloseTo(300 / 110, 0);
    const whole = symbols.reduce((sum, it) => sum + it.width * it.height, 0);
    expect(whole).toBeGreaterThan(0.9 * SIZE.width * SIZE.height);
  });
});
