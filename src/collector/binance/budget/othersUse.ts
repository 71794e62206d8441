import { SECOND_MS } from '../../../kit/clock.ts';
import type { OwnUse } from './ownUse.ts';

/** What an answer's header says of everybody on this address. Times are epoch ms of our steady clock. */
export type UsedWeightReading = {
  grantedAt: number;
  answeredAt: number;
  /** `x-mbx-used-weight-1m`; `null`: the answer does not say. */
  usedWeight: number | null;
  /** The answer's Date header, epoch ms in whole seconds of the exchange's clock; `null`: the answer does not say. */
  exchangeTime: number | null;
};

/** Before so much of it has been seen, a rate is a guess. */
const SHORTEST_LOOK_MS = 5 * SECOND_MS;
/** After so long without an answer, what was known of others is out of date. */
const LONGEST_SILENCE_MS = 15 * SECOND_MS;
/** How far the figure may be behind the answer that carries it. */
const HEADER_LAG_MS = 2 * SECOND_MS;
/** The Date header is cut to whole seconds. */
const DATE_GRAIN_MS = SECOND_MS;

export type OthersUse = ReturnType<typeof createOthersUse>;

/**
 * What other programs on this address use, told from what the exchange counts and what we have sent ourselves. It errs
 * towards too little, by what we have under way: alone on the address, it must not see ghosts.
 */
export function createOthersUse(options: { windowMs: number; own: OwnUse }) {
  const { windowMs, own } = options;
  /** What others were seen to add, and when. */
  let increments: { at: number; weight: number }[] = [];
  let seenSince: number | null = null;
  let seenAt = -Infinity;
  /** `startsAt`: the earliest that the exchange's window may have begun; `endsAt`: the latest that it may end. */
  let current = { index: -1, startsAt: 0, endsAt: 0, usedWeight: 0, others: 0 };
  /** The exchange's clock less ours, at least. */
  let aheadMs = 0;

  function observe(reading: UsedWeightReading): void {
    const { grantedAt, answeredAt, usedWeight } = reading;
    if (answeredAt - seenAt > LONGEST_SILENCE_MS) forgetAll();
    seenAt = Math.max(seenAt, answeredAt);
    if (reading.exchangeTime !== null) aheadMs = reading.exchangeTime - answeredAt;
    if (usedWeight === null) {
      // An exchange that never says leaves us to our own count.
      seenSince ??= answeredAt - windowMs;
      return;
    }
    const exchangeTime = answeredAt + aheadMs;
    const index = Math.floor(exchangeTime / windowMs);
    const intoWindowMs = exchangeTime - index * windowMs;
    const tookMs = answeredAt - grantedAt;
    // Perhaps counted in the window before, so that the figure belongs to that one.
    if (tookMs + HEADER_LAG_MS > intoWindowMs) return;
    // A late answer of the window before; or else the exchange's clock has been set back.
    if (index < current.index && answeredAt < current.endsAt) return;
    const startsAt = grantedAt - intoWindowMs - DATE_GRAIN_MS;
    if (index !== current.index) {
      current = { index, startsAt, endsAt: 0, usedWeight: 0, others: 0 };
    }
    current.startsAt = Math.max(current.startsAt, startsAt);
    current.endsAt = answeredAt + windowMs - intoWindowMs;
    current.usedWeight = Math.max(current.usedWeight, usedWeight);
    seenSince ??= startsAt;
    const others = usedWeight - own.since(current.startsAt);
    if (others <= current.others) return;
    increments.push({ at: answeredAt, weight: others - current.others });
    current.others = others;
  }

  function forgetAll(): void {
    increments = [];
    seenSince = null;
  }

  return {
    observe,
    /** Others' weight in the window that ends now; `null` as long as too little has been seen to tell. */
    perWindow(now: number): number | null {
      if (seenSince === null || now - seenAt > LONGEST_SILENCE_MS) return null;
      const lookMs = now - seenSince;
      if (lookMs < SHORTEST_LOOK_MS) return null;
      increments = increments.filter((it) => it.at > now - windowMs);
      const seen = increments.reduce((sum, it) => sum + it.weight, 0);
      // Seen for less than a window: assume that they go on like this.
      return seen * Math.max(1, windowMs / lookMs);
    },
    /** The exchange's own count in its running window, as last heard, and how long until that window is surely over. */
    running(now: number): { usedWeight: number; msLeft: number } {
      const msLeft = current.endsAt - now;
      return msLeft > 0 ? { usedWeight: current.usedWeight, msLeft } : { usedWeight: 0, msLeft: 0 };
    },
  };
}
