import { SECOND_MS } from '../../src/kit/clock.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { createSeededRandom } from '../../test/support/seededRandom.ts';
import { createExchangeMarket } from '../market.ts';

const POLL_MS = 10 * SECOND_MS;

/** What our collector stores of the simulated market: a sample every 10 s of each symbol, a little late, each at its own time. */
export function createMarketSamples(startAt: number, count: number) {
  const { symbols, sampleAt } = createExchangeMarket(startAt, count);
  const random = createSeededRandom(1);
  return {
    symbols,
    /** Of symbol `index` in [from, to), in order of time. */
    samplesOf(index: number, from: number, to: number): Sample[] {
      const samples: Sample[] = [];
      for (let at = from; at < to; at += POLL_MS) {
        const sample = sampleAt(index, at + Math.floor(random() * 400));
        if (sample.ts >= from && samples.at(-1)?.ts !== sample.ts) samples.push(sample);
      }
      return samples;
    },
  };
}
