import { describe, expect, it } from '@jest/globals';
import { createLiveMarketCheck } from '../../../../src/collector/markPrices/liveMarkets.ts';
import { createPriceTable, type PriceRow } from '../../../../src/collector/markPrices/table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

function aRow(given: Partial<PriceRow> & { updatedAt: number }): PriceRow {
  return {
    symbol: 'BTCUSDT',
    markPrice: 93_041.35,
    indexPrice: 93_040.1,
    fundingRate: 0.0001,
    nextFundingTime: 1_789_488_000_000,
    ...given,
  };
}

describe('price table', () => {
  it('Q7 has no price older than a minute, judged per symbol', () => {
    const clock = createFakeClock();
    const table = createPriceTable(clock);
    table.put([aRow({ updatedAt: clock.now() }), aRow({ symbol: 'ETHUSDT', updatedAt: clock.now() })]);
    clock.advance(MINUTE_MS);
    expect(table.priceOf('ETHUSDT')).toMatchObject({ markPrice: 93_041.35 });
    clock.advance(1);
    table.put([aRow({ updatedAt: clock.now() })]);
    expect(table.priceOf('ETHUSDT')).toBeNull();
    expect(table.priceOf('BTCUSDT')).toEqual({
      markPrice: 93_041.35,
      fundingRate: 0.0001,
      updatedAt: clock.now(),
    });
    expect(table.usable().map((row) => row.symbol)).toEqual(['BTCUSDT']);
    expect(table.rowOf('ETHUSDT')).not.toBeNull();
  });

  it.each([0, -1, NaN, null])('Q7 ignores %p as a price', (markPrice) => {
    const clock = createFakeClock();
    const table = createPriceTable(clock);
    table.put([aRow({ markPrice, updatedAt: clock.now() })]);
    expect(table.priceOf('BTCUSDT')).toBeNull();
    expect(table.priceOf('NEVERUSDT')).toBeNull();
  });

  it('lists the symbols of the latest messages: a delisted symbol leaves, a silent stream changes nothing', () => {
    const clock = createFakeClock();
    const table = createPriceTable(clock);
    table.put([aRow({ updatedAt: clock.now() }), aRow({ symbol: 'GONEUSDT', updatedAt: clock.now() })]);
    clock.advance(10 * MINUTE_MS);
    expect(table.listed()).toHaveLength(2);
    expect(table.newestAgeMs()).toBe(10 * MINUTE_MS);
    table.put([aRow({ updatedAt: clock.now() })]);
    expect(table.listed().map((row) => row.symbol)).toEqual(['BTCUSDT']);
    clock.advance(HOUR_MS);
    table.put([aRow({ updatedAt: clock.now() })]);
    expect(table.rowOf('GONEUSDT')).toBeNull();
  });

  it('Q6 continues when the clock is set back ten minutes and when one row is from the future', () => {
    const clock = createFakeClock();
    const table = createPriceTable(clock);
    table.put([aRow({ updatedAt: clock.now() }), aRow({ symbol: 'ETHUSDT', updatedAt: clock.now() })]);
    clock.set(clock.now() - 10 * MINUTE_MS);
    table.put([aRow({ updatedAt: clock.now() })]);
    expect(table.priceOf('BTCUSDT')).not.toBeNull();
    expect(table.priceOf('ETHUSDT')).toBeNull();
    expect(table.listed()).toHaveLength(1);
    table.put([
      aRow({ updatedAt: clock.now() }),
      aRow({ symbol: 'ETHUSDT', updatedAt: clock.now() * 1_000 }),
    ]);
    expect(table.priceOf('BTCUSDT')).not.toBeNull();
    expect(table.priceOf('ETHUSDT')).toBeNull();
    expect(table.newestAgeMs()).toBe(0);
  });
});

describe('life signs', () => {
  const row = (p: number, r: number | null, i: number | null = 100) => ({ s: 'XUSDT', p, i, r });

  it('are absent for a settled contract, with no funding and a constant price', () => {
    const isLive = createLiveMarketCheck();
    for (let sec = 0; sec < 600; sec += 1)
      expect(isLive(row(1_818.50800619, 0), sec * SECOND_MS)).toBe(false);
  });

  it('are present with a funding rate although the price is constant', () => {
    const isLive = createLiveMarketCheck();
    for (let sec = 0; sec < 600; sec += 1) expect(isLive(row(0.00002, 0.00005), sec * SECOND_MS)).toBe(true);
  });

  it.each([0, null])(
    'are present for a contract with funding rate %p when its price moves, until two minutes later',
    (r) => {
      const isLive = createLiveMarketCheck();
      expect(isLive(row(100, r), 0)).toBe(false);
      expect(isLive(row(100.5, r), 1_000)).toBe(true);
      expect(isLive(row(100.5, r), 121_000)).toBe(true);
      expect(isLive(row(100.5, r), 121_001)).toBe(false);
      expect(isLive(row(100.5, r, 100.1), 130_000)).toBe(true);
    },
  );

  it('end with the contract: its last price does not stay live', () => {
    const isLive = createLiveMarketCheck();
    expect(isLive(row(100, 0.0001), 0)).toBe(true);
    expect(isLive(row(100.5, 0), 1_000)).toBe(true);
    expect(isLive(row(100.5, 0), 200_000)).toBe(false);
  });
});
