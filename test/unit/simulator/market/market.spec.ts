import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { loadSymbolFacts } from '../../../../src/simulator/facts/facts.ts';
import { createMarket, type Market } from '../../../../src/simulator/market/market.ts';

const NOW = Date.UTC(2026, 10, 20, 14);
const facts = loadSymbolFacts(NOW);
const trading = facts.filter((it) => it.status === 'TRADING');

const symbol = fc.constantFrom(...trading.map((it) => it.symbol));
const moment = fc.integer({ min: NOW - 30 * DAY_MS, max: NOW + 30 * DAY_MS });
const question = fc.record({ symbol, at: moment });

function everythingAt(market: Market, name: string, at: number): unknown {
  return [
    market.openInterestAt(name, at),
    market.openInterestFigureAt(name, at),
    market.markPriceAt(name, at),
    market.indexPriceAt(name, at),
    market.fundingRateAt(name, at),
    market.nextFundingTimeAt(name, at),
    market.quoteVolume24hAt(name, at),
    market.longShareAt(name, 'topPositions', at),
    market.longShareAt(name, 'accounts', at),
    market.takerVolumeAt(name, at, 5 * MINUTE_MS),
    market.forcedOrderAt(name, at),
  ];
}

describe('simulated market', () => {
  it('returns the same for the same seed and time, for any earlier calls', () => {
    fc.assert(
      fc.property(fc.integer(), question, fc.array(question, { maxLength: 20 }), (seed, asked, before) => {
        const fresh = createMarket({ facts, seed });
        const used = createMarket({ facts, seed });
        for (const earlier of before) everythingAt(used, earlier.symbol, earlier.at);
        used.eventsBetween(asked.at - HOUR_MS, asked.at);
        expect(everythingAt(used, asked.symbol, asked.at)).toEqual(
          everythingAt(fresh, asked.symbol, asked.at),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('has longs beside shorts, buyers beside sellers, and forced orders of the side that lost', () => {
    const market = createMarket({ facts, seed: 3 });
    fc.assert(
      fc.property(question, ({ symbol: name, at }) => {
        for (const crowd of ['topPositions', 'topAccounts', 'accounts'] as const) {
          const share = market.longShareAt(name, crowd, at);
          expect(share).toBeGreaterThanOrEqual(0.1);
          expect(share).toBeLessThanOrEqual(0.9);
        }
        const { bought, sold } = market.takerVolumeAt(name, at, 5 * MINUTE_MS);
        expect(bought).toBeGreaterThan(0);
        expect(sold).toBeGreaterThan(0);
      }),
    );
    const seconds = Array.from({ length: 4 * 3_600 }, (_, i) => NOW + i * SECOND_MS);
    const perpetuals = trading.slice(0, 40);
    const orders = perpetuals.flatMap(({ symbol: name, openInterest }) =>
      seconds.flatMap((second) => {
        const order = market.forcedOrderAt(name, second);
        if (!order) return [];
        const moved = market.markPriceAt(name, second) / market.markPriceAt(name, second - 5 * MINUTE_MS) - 1;
        return [{ ...order, moved, share: order.quantity / openInterest }];
      }),
    );
    expect(orders.length).toBeGreaterThan(500);
    expect(orders.length).toBeLessThan(30_000);
    expect(Math.max(...orders.map((it) => it.share))).toBeLessThan(0.01);
    const fell = orders.filter((it) => it.moved < -0.002);
    const longs = fell.filter((it) => it.side === 'SELL');
    expect(fell.length).toBeGreaterThan(20);
    expect(longs.length / fell.length).toBeGreaterThan(0.55);
  });

  it('differs for another seed', () => {
    const one = createMarket({ facts, seed: 1 });
    const two = createMarket({ facts, seed: 2 });
    const differing = trading.filter(
      (it) => one.openInterestAt(it.symbol, NOW) !== two.openInterestAt(it.symbol, NOW),
    );
    expect(differing).toHaveLength(trading.length);
  });

  it('is at pace 1.5 where the normal market is at 1.5 times the time', () => {
    const pace = 1.5;
    const usual = createMarket({ facts, seed: 6 });
    const fast = createMarket({ facts, seed: 6, pace });
    const perpetual = fc.constantFrom(
      ...trading.filter((it) => it.deliveryDate > 2 * NOW).map((it) => it.symbol),
    );
    fc.assert(
      fc.property(perpetual, moment, (name, at) => {
        expect(fast.openInterestAt(name, at)).toBe(usual.openInterestAt(name, pace * at));
        expect(fast.markPriceAt(name, at)).toBe(usual.markPriceAt(name, pace * at));
        expect(fast.quoteVolume24hAt(name, at)).toBe(usual.quoteVolume24hAt(name, pace * at));
        expect(fast.fundingRateAt(name, at)).toBe(usual.fundingRateAt(name, pace * at));
        // The clocks are no faster.
        expect(fast.nextFundingTimeAt(name, at)).toBe(usual.nextFundingTimeAt(name, at));
        const { time } = fast.openInterestFigureAt(name, at);
        expect(at - time).toBeLessThan(3_000);
      }),
    );
    const events = fast.eventsBetween(NOW, NOW + HOUR_MS);
    const planned = usual.eventsBetween(pace * NOW, pace * (NOW + HOUR_MS));
    expect(events.map((it) => it.startAt)).toEqual(planned.map((it) => Math.round(it.startAt / pace)));
    for (const event of events) {
      const moved =
        fast.openInterestAt(event.symbol, event.peakAt) - fast.openInterestAt(event.symbol, event.startAt);
      expect(Math.sign(moved)).toBe(event.direction === 'UP' ? 1 : -1);
    }
  });

  it('keeps price and open interest within a third of their levels at any time', () => {
    const market = createMarket({ facts, seed: 5 });
    fc.assert(
      fc.property(question, ({ symbol: name, at }) => {
        const level = market.selectOptionalContract(name)!;
        const openInterest = market.openInterestAt(name, at) / level.openInterest;
        const price = market.markPriceAt(name, at) / level.price;
        expect(openInterest).toBeGreaterThan(0.67);
        expect(openInterest).toBeLessThan(1.34);
        expect(price).toBeGreaterThan(0.67);
        expect(price).toBeLessThan(1.34);
      }),
      { numRuns: 2_000 },
    );
  });

  it('varies by some per cent within a day without planned events, so that no chart is flat', () => {
    const market = createMarket({ facts, seed: 5 });
    const quiet = trading.filter((it) => it.contractType === 'TRADIFI_PERPETUAL');
    const ranges = quiet.map(({ symbol: name }) => {
      const day = Array.from({ length: 48 }, (_, index) =>
        market.openInterestAt(name, NOW - index * 30 * MINUTE_MS),
      );
      return Math.max(...day) / Math.min(...day) - 1;
    });
    const mean = ranges.reduce((sum, range) => sum + range, 0) / ranges.length;
    expect(mean).toBeGreaterThan(0.02);
    expect(mean).toBeLessThan(0.05);
  });

  it('moves open interest with the price: their hourly changes correlate', () => {
    const market = createMarket({ facts, seed: 7 });
    // Contracts without events: here the noise alone has to correlate.
    const quiet = trading.filter((it) => it.contractType === 'TRADIFI_PERPETUAL').slice(0, 40);
    const correlations = quiet.map((it) => {
      const hours = Array.from({ length: 300 }, (_, index) => NOW - index * HOUR_MS);
      return correlation(
        hours.map((at) => change((t) => market.openInterestAt(it.symbol, t), at)),
        hours.map((at) => change((t) => market.markPriceAt(it.symbol, t), at)),
      );
    });
    const mean = correlations.reduce((sum, value) => sum + value, 0) / correlations.length;
    expect(mean).toBeGreaterThan(0.3);
    expect(mean).toBeLessThan(0.95);
  });

  it('publishes open interest every few seconds: never from the future and at most one refresh old', () => {
    const market = createMarket({ facts, seed: 3, oiRefreshMs: 4_000 });
    fc.assert(
      fc.property(question, ({ symbol: name, at }) => {
        const figure = market.openInterestFigureAt(name, at);
        expect(figure.time).toBeLessThanOrEqual(at);
        expect(at - figure.time).toBeLessThan(4_000);
        expect(figure.openInterest).toBe(market.openInterestAt(name, figure.time));
        expect(market.openInterestFigureAt(name, figure.time)).toEqual(figure);
      }),
    );
  });

  it('has 530 trading USDT perpetuals and 120 others, some 343 of the former above 4 M of volume', () => {
    const market = createMarket({ facts, seed: 1 });
    const perpetuals = trading.filter((it) => it.contractType === 'PERPETUAL' && it.quoteAsset === 'USDT');
    expect(perpetuals.length).toBeGreaterThanOrEqual(530);
    expect(trading.length - perpetuals.length).toBeGreaterThanOrEqual(120);
    const liquid = perpetuals.filter((it) => market.quoteVolume24hAt(it.symbol, NOW) >= 4e6);
    expect(liquid.length).toBeGreaterThan(330);
    expect(liquid.length).toBeLessThan(356);
    expect(new Set(facts.map((it) => it.symbol)).size).toBe(facts.length);
  });

  it('prices one asset the same in every contract on it', () => {
    const market = createMarket({ facts, seed: 9 });
    fc.assert(
      fc.property(moment, (at) => {
        const perpetual = market.markPriceAt('BTCUSDT', at);
        expect(market.markPriceAt('BTCUSDC', at) / perpetual).toBeCloseTo(1, 1);
        expect(
          market.markPriceAt('BTCUSDT_261225', Math.min(at, NOW)) /
            market.markPriceAt('BTCUSDT', Math.min(at, NOW)),
        ).toBeCloseTo(1.004, 2);
      }),
    );
  });

  it('freezes a contract at its delisting and keeps its history', () => {
    const market = createMarket({ facts, seed: 4 });
    const before = everythingAt(market, 'XRPUSDT', NOW - HOUR_MS);
    expect(market.delist('XRPUSDT', NOW)).toBe(true);
    expect(market.delist('XRPUSDT', NOW)).toBe(false);
    expect(market.selectOptionalContract('XRPUSDT')).toMatchObject({ status: 'SETTLING', deliveryDate: NOW });
    expect(market.markPriceAt('XRPUSDT', NOW + DAY_MS)).toBe(market.markPriceAt('XRPUSDT', NOW));
    expect(market.markPriceAt('XRPUSDT', NOW - HOUR_MS)).toBe((before as number[])[2]);
    expect(market.openInterestAt('XRPUSDT', NOW - HOUR_MS)).toBe((before as number[])[0]);
  });

  it('lists a new contract, and one that had stopped trading', () => {
    const market = createMarket({ facts, seed: 4 });
    expect(market.list('NEWUSDT', NOW)).toBe(true);
    expect(market.list('NEWUSDT', NOW + 1)).toBe(false);
    expect(market.list('BTCUSDT', NOW)).toBe(false);
    expect(market.list('GAIBUSDT', NOW)).toBe(true);
    expect(market.contracts().find((it) => it.symbol === 'NEWUSDT')).toMatchObject({
      baseAsset: 'NEW',
      quoteAsset: 'USDT',
      status: 'TRADING',
      onboardDate: NOW,
    });
    expect(market.openInterestAt('GAIBUSDT', NOW)).toBeGreaterThan(0);
    expect(market.quoteVolume24hAt('NEWUSDT', NOW + MINUTE_MS)).toBeGreaterThan(4e6);
  });
});

function change(valueAt: (at: number) => number, at: number): number {
  return valueAt(at) / valueAt(at - HOUR_MS) - 1;
}

function correlation(xs: number[], ys: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const product = (as: number[], a: number, bs: number[], b: number) =>
    as.reduce((sum, value, index) => sum + (value - a) * (bs[index]! - b), 0);
  return (
    product(xs, meanX, ys, meanY) / Math.sqrt(product(xs, meanX, xs, meanX) * product(ys, meanY, ys, meanY))
  );
}
