import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ForcedOrderRow } from '../../../../src/collector/binance/binance.types.ts';
import {
  createLiquidations,
  type LiquidationRow,
} from '../../../../src/collector/positioning/liquidations.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

const START = createFakeClock().now();

function anOrder(given: Partial<ForcedOrderRow['o']> = {}): ForcedOrderRow {
  return { e: 'forceOrder', o: { s: 'BTCUSDT', S: 'SELL', z: 0.5, ap: 80_000, T: START, ...given } };
}

const order = fc
  .record({
    s: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
    S: fc.constantFrom('BUY' as const, 'SELL' as const),
    z: fc.integer({ min: 1, max: 1_000 }),
    ap: fc.integer({ min: 1, max: 1_000 }),
    // The exchange sends at most one a second and symbol.
    second: fc.integer({ min: 0, max: 150 }),
  })
  .map(({ second, ...o }) => anOrder({ ...o, T: START + second * SECOND_MS }));

describe('totals of forced orders', () => {
  it('are the sums per symbol and minute, however often an order arrives and a post fails', () => {
    const scenario = fc.record({
      orders: fc.uniqueArray(order, { selector: ({ o }) => `${o.s} ${o.T}`, maxLength: 60 }),
      repeats: fc.array(fc.nat(), { maxLength: 20 }),
      fails: fc.array(fc.boolean(), { maxLength: 20 }),
      limit: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(scenario, ({ orders, repeats, fails, limit }) => {
        const clock = createFakeClock(START + MINUTE_MS);
        const liquidations = createLiquidations({ clock });
        // As the server keeps them: the larger figure wins.
        const stored = new Map<string, LiquidationRow>();
        const post = (isLost: boolean): number => {
          const rows = liquidations.takeChanged(limit);
          if (isLost) liquidations.putBack(rows);
          else for (const row of rows) stored.set(`${row.symbol} ${row.minute}`, row);
          return rows.length;
        };
        orders.forEach((it, i) => {
          liquidations.add(it);
          if (fails[i] !== undefined) post(fails[i]!);
          if (repeats[i] !== undefined) liquidations.add(orders[repeats[i]! % (i + 1)]!);
        });
        while (post(false) > 0);
        const expected = new Map<string, LiquidationRow>();
        for (const { o } of orders) {
          const minute = o.T - (o.T % MINUTE_MS);
          const key = `${o.s} ${minute}`;
          const sum = expected.get(key) ?? {
            symbol: o.s,
            minute,
            longUsd: 0,
            shortUsd: 0,
            longs: 0,
            shorts: 0,
          };
          sum[o.S === 'SELL' ? 'longUsd' : 'shortUsd'] += o.z * o.ap;
          sum[o.S === 'SELL' ? 'longs' : 'shorts'] += 1;
          expected.set(key, sum);
        }
        expect(stored).toEqual(expected);
      }),
    );
  });

  it('leave out orders of another time, which would open a minute that was posted', () => {
    const liquidations = createLiquidations({ clock: createFakeClock() });
    liquidations.add(anOrder({ T: START - 10 * MINUTE_MS }));
    liquidations.add(anOrder({ T: START + 10 * MINUTE_MS }));
    expect(liquidations.takeChanged(10)).toEqual([]);
  });

  it('keep at most 5,000 minutes while the server is away, the newest', () => {
    const clock = createFakeClock();
    const liquidations = createLiquidations({ clock });
    for (let i = 0; i < 6_000; i += 1) liquidations.add(anOrder({ s: `SYM${i}USDT` }));
    const rows = liquidations.takeChanged(10_000);
    expect(rows).toHaveLength(5_000);
    expect(rows.at(-1)!.symbol).toBe('SYM5999USDT');
  });

  it('returns a minute only when it has changed, and forgets it when it is over', () => {
    const clock = createFakeClock();
    const liquidations = createLiquidations({ clock });
    liquidations.add(anOrder());
    expect(liquidations.takeChanged(10)).toHaveLength(1);
    expect(liquidations.takeChanged(10)).toEqual([]);
    liquidations.add(anOrder({ T: START + SECOND_MS }));
    expect(liquidations.takeChanged(10)).toMatchObject([{ longs: 2, longUsd: 80_000 }]);
    clock.advance(6 * MINUTE_MS);
    expect(liquidations.takeChanged(10)).toEqual([]);
    liquidations.add(anOrder({ T: START + 2 * SECOND_MS }));
    expect(liquidations.takeChanged(10)).toEqual([]);
  });
});
