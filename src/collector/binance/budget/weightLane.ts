import { MINUTE_MS } from '../../../kit/clock.ts';
import type { Lane } from './lane.ts';
import { createOthersUse, type UsedWeightReading } from './othersUse.ts';
import { createOwnUse } from './ownUse.ts';
import { createPace } from './pace.ts';
import { capOf, computeShare, createShare } from './share.ts';
import type { Priority } from './waitingLine.ts';
import type { WeightLimits } from './weightLimits.ts';

export type WeightLane = Lane & {
  observe(reading: UsedWeightReading): void;
  /** Requests of weight 1 that a class can count on in a minute. */
  perMin(priority: Priority, now: number): number;
  /** Weight in the window that ends now. Others' is `null` until enough answers have been seen. */
  used(now: number): { ours: number; others: number | null };
};

/** What it costs that a request counts until a whole window after its answer. */
const USABLE_SHARE = 0.98;

/** Request weight: our own to the unit, that of others by the exchange's count. See weightLimits.ts. */
export function createWeightLane(limits: WeightLimits, now: number): WeightLane {
  const { windowMs } = limits;
  const own = createOwnUse(windowMs);
  const others = createOthersUse({ windowMs, own });
  const share = createShare(limits, others);
  const pace = createPace({ burst: limits.burst, perMs: (at) => share(at) / windowMs, now });

  return {
    largest: limits.budget,
    msUntil({ weight, priority }, at) {
      const underWay = own.underWay();
      if (underWay > 0 && underWay + weight > limits.inFlight) return Infinity;
      const counted = others.running(at);
      if (counted.usedWeight + underWay + weight > limits.line) return counted.msLeft;
      const cap = capOf(limits, share(at), priority);
      if (weight > cap) return Infinity;
      const waitMs = own.msUntil(cap - weight, at);
      // What reserved work takes has been kept free for it.
      return priority === 'reserved' ? waitMs : Math.max(waitMs, pace.msUntil(weight, at));
    },
    begin({ weight, priority }, at) {
      if (priority !== 'reserved') pace.take(weight, at);
      const use = own.begin(weight);
      return (endedAt, answered) => own.end(use, endedAt, answered);
    },
    underWay: own.underWay,
    drain: pace.drain,
    observe: others.observe,
    perMin(priority, at) {
      const known = others.perWindow(at) ?? 0;
      return (capOf(limits, computeShare(limits, known), priority) * USABLE_SHARE * MINUTE_MS) / windowMs;
    },
    used(at) {
      const ours = own.total(at);
      const theirs = others.perWindow(at);
      // While nothing is asked no answer comes; what the exchange counted last still holds for its minute.
      const counted = others.running(at).usedWeight - ours;
      const known = Math.max(theirs ?? -1, counted);
      return { ours, others: theirs === null && counted <= 0 ? null : Math.round(known) };
    },
  };
}
