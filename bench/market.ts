import { SECOND_MS } from '../src/kit/clock.ts';
import type { Sample } from '../src/openInterest/openInterest.types.ts';
import { loadSymbolFacts } from '../src/simulator/facts/facts.ts';
import { createMarket } from '../src/simulator/market/market.ts';

const SEED = 1;

/** The simulated market of the `count` most traded symbols, with the digits that the exchange answers. */
export function createExchangeMarket(startAt: number, count: number) {
  const facts = loadSymbolFacts(startAt)
    .filter((it) => it.contractType === 'PERPETUAL' && it.quoteAsset === 'USDT' && it.status === 'TRADING')
    .toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h)
    .slice(0, count);
  const market = createMarket({ facts, seed: SEED });
  return {
    symbols: facts.map((it) => it.symbol),
    /** What a poller that asks for symbol `index` at `at` (epoch ms) posts. */
    sampleAt(index: number, at: number): Sample {
      const { symbol, quantityPrecision } = facts[index]!;
      const figure = market.openInterestFigureAt(symbol, at);
      // The price stream ticks once a second.
      const tick = at - (at % SECOND_MS);
      const openInterest = Number(figure.openInterest.toFixed(quantityPrecision));
      const markPrice = Number(market.markPriceAt(symbol, tick).toFixed(8));
      return {
        symbol,
        ts: figure.time,
        source: 'realtime',
        openInterest,
        openInterestUsd: openInterest * markPrice,
        markPrice,
        fundingRate: Number(market.fundingRateAt(symbol, tick).toFixed(8)),
      };
    },
  };
}
