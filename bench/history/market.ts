import { SECOND_MS } from '../../src/kit/clock.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { createSeededRandom } from '../../test/support/seededRandom.ts';
import { createExchangeMarket } from '../market.ts';

const POLL_MS = 10 * SECOND_MS;

/** The symbols of the exchange that are followed; what moves most is traded most and costs the most bytes. */
const ALL_SYMBOLS = 343;

/**
 * What our collector stores of the simulated market: a sample every 10 s of each symbol, a little late, each at its own time.
 * `count` symbols, at most 343, from the most to the least traded at equal distances.
 */
export function createMarketSamples(startAt: number, count: number) {
  const { symbols, sampleAt } = createExchangeMarket(startAt, ALL_SYMBOLS);
  const random = createSeededRandom(1);
  const chosen = Array.from({ length: count }, (_, nth) => Math.floor(((nth + 0.5) * ALL_SYMBOLS) / count));
  return {
    symbols: chosen.map((it) => symbols[it]!),
    /** Of symbol `index` in [from, to), in order of time. */
    samplesOf(index: number, from: number, to: number): Sample[] {
      const samples: Sample[] = [];
      for (let at = from; at < to; at += POLL_MS) {
        const sample = sampleAt(chosen[index]!, at + Math.floor(random() * 400));
        if (sample.ts >= from && samples.at(-1)?.ts !== sample.ts) samples.push(sample);
      }
      return samples;
    },
  };
}
