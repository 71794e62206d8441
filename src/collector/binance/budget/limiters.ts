import { MINUTE_MS } from '../../../kit/clock.ts';
import { createAddressUse } from './addressUse.ts';
import { createOwnUse } from './ownUse.ts';
import type { Priority } from './requestQueue.ts';
import { createTokenBucket } from './tokenBucket.ts';
import type { WeightLimits } from './weightLimits.ts';

type LimitedRequest = { weight: number; priority: Priority };

/** One of the exchange's counters, and when it lets a request through. Times are epoch ms of the budget's clock. */
export type Limiter = {
  /** A heavier request can never be sent. */
  largest: number;
  /** `Infinity`: not before an answer arrives or others use less. */
  msUntil(request: LimitedRequest, now: number): number;
  /** Spends the weight of a request that is sent now; call the result when it ends. `answered` false: it may still be counted. */
  spend(request: LimitedRequest, now: number): (now: number, answered: boolean) => void;
  underWay(): number;
  /** Prevents a burst after a pause. */
  drain(now: number): void;
};

/** What is lost because a request counts until a whole window after its answer. */
const USABLE_SHARE = 0.98;

export type WeightLimiter = ReturnType<typeof createWeightLimiter>;

/** Request weight: our own use to the unit, that of other programs by the exchange's count. See weightLimits.ts. */
export function createWeightLimiter(limits: WeightLimits, now: number) {
  const { windowMs } = limits;
  const own = createOwnUse(windowMs);
  const address = createAddressUse({ windowMs, own });
  const available = (at: number) => availableBeside(limits, address.othersPerWindow(at));
  const bucket = createTokenBucket({ burst: limits.burst, perMs: (at) => available(at) / windowMs, now });

  return {
    largest: limits.budget,
    msUntil({ weight, priority }: LimitedRequest, at: number): number {
      const underWay = own.underWay();
      if (underWay > 0 && underWay + weight > limits.inFlight) return Infinity;
      const counted = address.running(at);
      if (counted.usedWeight + underWay + weight > limits.stopAt) return counted.msLeft;
      // Until others' use is known only the pace is the floor's: answers show it, so requests must not stop for what we have used.
      const others = address.othersPerWindow(at);
      const isMeasuring = priority !== 'reserved' && others === null;
      const cap = capOf(limits, isMeasuring ? limits.budget : availableBeside(limits, others), priority);
      if (weight > cap) return Infinity;
      const waitMs = own.msUntil(cap - weight, at);
      // Reserved work has its own part of the budget and is not paced.
      return priority === 'reserved' ? waitMs : Math.max(waitMs, bucket.msUntil(weight, at));
    },
    spend({ weight, priority }: LimitedRequest, at: number) {
      if (priority !== 'reserved') bucket.spend(weight, at);
      return own.spend(weight);
    },
    underWay: own.underWay,
    drain: bucket.drain,
    observe: address.observe,
    /** Requests of weight 1 that a class can count on in a minute. */
    perMin(priority: Priority, at: number): number {
      const cap = capOf(limits, availableBeside(limits, address.othersPerWindow(at) ?? 0), priority);
      return (cap * USABLE_SHARE * MINUTE_MS) / windowMs;
    },
    /** Weight in the window that ends now. `others` is `null` until enough answers have been seen. */
    used(at: number): { ours: number; others: number | null } {
      const ours = own.total(at);
      const others = address.othersPerWindow(at);
      // While no request is sent there is no answer; the exchange's last count still holds for its minute.
      const counted = address.running(at).usedWeight - ours;
      const known = Math.max(others ?? -1, counted);
      return { ours, others: others === null && counted <= 0 ? null : Math.round(known) };
    },
  } satisfies Limiter & Record<string, unknown>;
}

/**
 * What others leave of the budget. When they leave nothing, a floor remains for as long as the limit itself has room for
 * it: a job that needs 41 a run must not starve beside a program that never stops.
 */
function availableBeside({ budget, floor, limit, stopAt }: WeightLimits, others: number | null): number {
  if (others === null) return floor;
  return Math.max(0, budget - others, Math.min(floor, (stopAt + limit) / 2 - others));
}

/** The part of it that a class may use. Half is open to every class, because only answers show what others use. */
function capOf(limits: WeightLimits, available: number, priority: Priority): number {
  return priority === 'reserved' ? available : available - Math.min(limits.reserve, available / 2);
}

export const FUTURES_DATA_WINDOW_MS = 5 * MINUTE_MS;
/** Of the exchange's 1,000, because its answers do not show what others on the address use. */
const FUTURES_DATA_BUDGET = 600;
const FUTURES_DATA_IN_FLIGHT = 10;
const FUTURES_DATA_BURST = 10;

/** Requests to `/futures/data`: a separate counter of requests, which the exchange's answers do not report. */
export function createFuturesDataLimiter(now: number): Limiter {
  const own = createOwnUse(FUTURES_DATA_WINDOW_MS);
  const perMs = () => FUTURES_DATA_BUDGET / FUTURES_DATA_WINDOW_MS;
  const bucket = createTokenBucket({ burst: FUTURES_DATA_BURST, perMs, now });

  return {
    largest: FUTURES_DATA_BUDGET,
    msUntil({ weight }, at) {
      if (own.underWay() >= FUTURES_DATA_IN_FLIGHT) return Infinity;
      return Math.max(own.msUntil(FUTURES_DATA_BUDGET - weight, at), bucket.msUntil(weight, at));
    },
    spend({ weight }, at) {
      bucket.spend(weight, at);
      return own.spend(weight);
    },
    underWay: own.underWay,
    drain: bucket.drain,
  };
}
