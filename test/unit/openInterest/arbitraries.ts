import fc from 'fast-check';
import { Source, type Sample } from '../../../src/openInterest/openInterest.types.ts';

/** Few symbols and few moments, so that samples meet. */

const NOON = Date.UTC(2026, 10, 20, 12);

export const anySymbol = fc.constantFrom('BTCUSDT', 'ETHUSDT', '1000PEPEUSDT', '币安人生USDT', 'CONSTRUCTOR');

/** Close together as polls are, or half an hour apart, so that sparklines move. */
const anyTs = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom(5_000, 31 * 60_000))
  .map(([step, apartMs]) => NOON + step * apartMs);

const amount = fc.constantFrom(0, 1, 2, 90_761.482);

export const anySample: fc.Arbitrary<Sample> = fc.record({
  symbol: anySymbol,
  openInterest: amount,
  openInterestUsd: fc.option(amount),
  markPrice: fc.option(fc.constantFrom(0.5, 2)),
  fundingRate: fc.option(fc.constantFrom(0.0001, -0.0001)),
  ts: anyTs,
  source: fc.constantFrom(...Source.options),
});
