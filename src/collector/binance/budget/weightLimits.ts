import { MINUTE_MS } from '../../../kit/clock.ts';

/**
 * How the exchange's limit on request weight is divided. With the defaults 2,000 of its 2,400 a minute are planned:
 *
 *     0 ........................ 1,955 . 2,000 ........ 2,240 ......... 2,400
 *     poller and spare work            |  the budget   |  stopAt       |  the limit: 429, then a ban
 *                    only reserved work ┘               └ no request is sent any more
 *
 * What other programs use is subtracted from the budget. If that is misjudged, every request stops for the rest of the
 * minute once the exchange itself counts past `stopAt`: at most `inFlight` is under way then, so that even three processes
 * stay below the limit.
 */
export type WeightLimits = {
  windowMs: number;
  limit: number;
  budget: number;
  /** Nothing is sent while the exchange counts more than this for the address. */
  stopAt: number;
  /** The most weight under way, except for a single heavier request. */
  inFlight: number;
  /** Kept free for reserved work, so that neither waits for the other. */
  reserve: number;
  /** Weight a minute before others' use is known, and when others use up the budget. */
  floor: number;
  /** How much may be sent at once before requests are spread evenly. */
  burst: number;
};

const EXCHANGE_LIMIT = 2_400;
/** exchangeInfo and all tickers weigh 41 together. */
const HEAVIEST_RUN = 45;

export function weightLimits(options: { budget: number; limit?: number; windowMs?: number }): WeightLimits {
  const { budget, limit = EXCHANGE_LIMIT, windowMs = MINUTE_MS } = options;
  const margin = limit - budget;
  return {
    windowMs,
    limit,
    budget,
    stopAt: limit - Math.ceil(margin * 0.4),
    inFlight: Math.max(1, Math.floor(margin / 8)),
    reserve: Math.min(HEAVIEST_RUN, Math.floor(budget / 4)),
    floor: Math.min(budget, Math.max(HEAVIEST_RUN, Math.floor(budget / 8))),
    burst: Math.max(1, Math.min(50, Math.floor(budget / 40))),
  };
}
