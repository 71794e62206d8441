import { SECOND_MS } from '../../../kit/clock.ts';
import type { OwnUse } from './ownUse.ts';

/** What an answer's headers say about all programs on this address. Times are epoch ms of our steady clock. */
type UsedWeightReading = {
  grantedAt: number;
  answeredAt: number;
  /** `x-mbx-used-weight-1m`; `null`: the answer has none. */
  usedWeight: number | null;
  /** The Date header, epoch ms in whole seconds of the exchange's clock; `null`: the answer has none. */
  exchangeTime: number | null;
};

/** A rate over less than this is a guess. */
const SHORTEST_LOOK_MS = 5 * SECOND_MS;
/** Without an answer for this long, what was known of others is out of date. */
const LONGEST_SILENCE_MS = 15 * SECOND_MS;
/** How far the figure may lag behind the answer that carries it. */
const HEADER_LAG_MS = 2 * SECOND_MS;
/** The Date header is cut to whole seconds. */
const DATE_GRAIN_MS = SECOND_MS;

/**
 * What the exchange counts for this address, and what other programs use of it: the difference to our own requests. The
 * difference errs on the low side, by what we have under way, so that a lone collector never sees others.
 */
export function createAddressUse(options: { windowMs: number; own: OwnUse }) {
  const { windowMs, own } = options;
  let increments: { at: number; weight: number }[] = [];
  let seenSince: number | null = null;
  let seenAt = -Infinity;
  /** `startsAt`: the earliest start of the exchange's window; `endsAt`: its latest end. */
  let current = { index: -1, startsAt: 0, endsAt: 0, usedWeight: 0, others: 0 };
  /** How far the exchange's clock is ahead of ours, at least. */
  let aheadMs = 0;

  function observe(reading: UsedWeightReading): void {
    const { grantedAt, answeredAt, usedWeight, exchangeTime } = reading;
    if (answeredAt - seenAt > LONGEST_SILENCE_MS) [increments, seenSince] = [[], null];
    seenAt = Math.max(seenAt, answeredAt);
    if (exchangeTime !== null) aheadMs = exchangeTime - answeredAt;
    // An exchange that reports no weight leaves us to our own count.
    if (usedWeight === null) seenSince ??= answeredAt - windowMs;
    else observeWindow(grantedAt, answeredAt, usedWeight);
  }

  function observeWindow(grantedAt: number, answeredAt: number, usedWeight: number): void {
    const exchangeTime = answeredAt + aheadMs;
    const index = Math.floor(exchangeTime / windowMs);
    const intoWindowMs = exchangeTime - index * windowMs;
    // The request may have been counted in the previous window, to which the figure then belongs.
    if (answeredAt - grantedAt + HEADER_LAG_MS > intoWindowMs) return;
    // A late answer of the previous window, unless the exchange's clock was set back.
    if (index < current.index && answeredAt < current.endsAt) return;
    const startsAt = grantedAt - intoWindowMs - DATE_GRAIN_MS;
    if (index !== current.index) current = { index, startsAt, endsAt: 0, usedWeight: 0, others: 0 };
    current.startsAt = Math.max(current.startsAt, startsAt);
    current.endsAt = answeredAt + windowMs - intoWindowMs;
    current.usedWeight = Math.max(current.usedWeight, usedWeight);
    seenSince ??= startsAt;
    const others = usedWeight - own.since(current.startsAt);
    if (others <= current.others) return;
    increments.push({ at: answeredAt, weight: others - current.others });
    current.others = others;
  }

  return {
    observe,
    /** Others' weight in the window that ends now; `null` until enough answers have been seen. */
    othersPerWindow(now: number): number | null {
      if (seenSince === null || now - seenAt > LONGEST_SILENCE_MS) return null;
      const lookMs = now - seenSince;
      if (lookMs < SHORTEST_LOOK_MS) return null;
      increments = increments.filter((it) => it.at > now - windowMs);
      const seen = increments.reduce((sum, it) => sum + it.weight, 0);
      // Seen for less than a window: assume that the rate continues.
      return seen * Math.max(1, windowMs / lookMs);
    },
    /** The exchange's last count of its running window, and how long until that window has ended for certain. */
    running(now: number): { usedWeight: number; msLeft: number } {
      const msLeft = current.endsAt - now;
      return msLeft > 0 ? { usedWeight: current.usedWeight, msLeft } : { usedWeight: 0, msLeft: 0 };
    },
  };
}
