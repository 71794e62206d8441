import { MINUTE_MS } from '../../../kit/clock.ts';

/**
 * How the exchange's limit on request weight is shared out. With the defaults, of 2,400 a minute we plan with 2,000:
 *
 *     0 ........................ 1,955 . 2,000 ........ 2,240 ......... 2,400
 *     poller and spare work            |  the budget   |  the line     |  the limit: 429, then a ban
 *                    only reserved work ┘               └ nobody starts a request any more
 *
 * Several collectors on one address stay below the limit without talking to each other. Each counts what the others use
 * into its budget. Should they all misjudge it, then each stops for the rest of the minute as soon as the exchange itself
 * counts past the line; at that moment nobody has more than `inFlight` under way, and three times 50 fit under the limit.
 */
export type WeightLimits = {
  windowMs: number;
  limit: number;
  budget: number;
  /** What the exchange itself may count before everybody on the address stops. */
  line: number;
  /** The most weight under way, unless it is a single request. */
  inFlight: number;
  /** Kept free for reserved work, so that neither waits for the other. */
  reserve: number;
  /** What a newcomer may use before it knows the others, or when they use up the budget. */
  floor: number;
  /** How much may go at once before requests are spread evenly. */
  burst: number;
};

const EXCHANGE_LIMIT = 2_400;
/** exchangeInfo and all tickers, 41 together, and a little. */
const HEAVIEST_RUN = 45;

export function weightLimits(options: { budget: number; limit?: number; windowMs?: number }): WeightLimits {
  const { budget, limit = EXCHANGE_LIMIT, windowMs = MINUTE_MS } = options;
  const margin = limit - budget;
  return {
    windowMs,
    limit,
    budget,
    line: limit - Math.ceil(margin * 0.4),
    inFlight: Math.max(1, Math.floor(margin / 8)),
    reserve: Math.min(HEAVIEST_RUN, Math.floor(budget / 4)),
    floor: Math.min(budget, Math.max(HEAVIEST_RUN, Math.floor(budget / 8))),
    burst: Math.max(1, Math.min(50, Math.floor(budget / 40))),
  };
}
