import { MINUTE_MS } from '../../../kit/clock.ts';
import type { Lane } from './lane.ts';
import { createOwnUse } from './ownUse.ts';
import { createPace } from './pace.ts';

export const FUTURES_DATA_WINDOW_MS = 5 * MINUTE_MS;
/** Of the exchange's 1,000, for it does not say what others on the address have used. */
const BUDGET = 600;
const IN_FLIGHT = 10;
const BURST = 10;

/** Requests to `/futures/data`: a counter of their own, by number, with no word from the exchange on how it stands. */
export function createFuturesDataLane(now: number): Lane {
  const own = createOwnUse(FUTURES_DATA_WINDOW_MS);
  const pace = createPace({ burst: BURST, perMs: () => BUDGET / FUTURES_DATA_WINDOW_MS, now });

  return {
    largest: BUDGET,
    msUntil({ weight }, at) {
      if (own.underWay() >= IN_FLIGHT) return Infinity;
      return Math.max(own.msUntil(BUDGET - weight, at), pace.msUntil(weight, at));
    },
    begin({ weight }, at) {
      pace.take(weight, at);
      const use = own.begin(weight);
      return (endedAt, answered) => own.end(use, endedAt, answered);
    },
    underWay: own.underWay,
    drain: pace.drain,
  };
}
