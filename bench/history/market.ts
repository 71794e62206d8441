import { SECOND_MS } from '../../src/kit/clock.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { loadSymbolFacts } from '../../src/simulator/facts/facts.ts';
import { createMarket } from '../../src/simulator/market/market.ts';
import { createSeededRandom } from '../../test/support/seededRandom.ts';

const POLL_MS = 10 * SECOND_MS;

/** What our collector stores of the simulated market: a sample every 10 s of each symbol, a little late, each at its own time. */
export function createMarketSamples(startAt: number, count: number) {
  const facts = loadSymbolFacts(startAt)
    .filter((it) => it.contractType === 'PERPETUAL' && it.quoteAsset === 'USDT' && it.status === 'TRADING')
    .toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h)
    .slice(0, count);
  const market = createMarket({ facts, seed: 1 });
  const random = createSeededRandom(1);
  return {
    symbols: facts.map((it) => it.symbol),
    /** Of symbol `index` in [from, to), in order of time. */
    samplesOf(index: number, from: number, to: number): Sample[] {
      const { symbol, quantityPrecision } = facts[index]!;
      const samples: Sample[] = [];
      for (let at = from; at < to; at += POLL_MS) {
        const asked = at + Math.floor(random() * 400);
        const figure = market.openInterestFigureAt(symbol, asked);
        // The price stream ticks once a second.
        const tick = asked - (asked % SECOND_MS);
        const openInterest = Number(figure.openInterest.toFixed(quantityPrecision));
        const markPrice = Number(market.markPriceAt(symbol, tick).toFixed(8));
        const fundingRate = Number(market.fundingRateAt(symbol, tick).toFixed(8));
        if (figure.time < from || samples.at(-1)?.ts === figure.time) continue;
        samples.push({
          symbol,
          ts: figure.time,
          source: 'realtime',
          openInterest,
          openInterestUsd: openInterest * markPrice,
          markPrice,
          fundingRate,
        });
      }
      return samples;
    },
  };
}
