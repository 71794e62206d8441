import { DAY_MS, HOUR_MS } from '../kit/clock.ts';
import type { Sample } from './openInterest.types.ts';

/** A symbol outside the universe that has been silent this long is delisted or no longer polled. */
const OUTSIDE_UNIVERSE_MS = HOUR_MS;
const INSIDE_UNIVERSE_MS = DAY_MS;

/**
 * Whether a symbol should leave the board. Its silence is measured against the newest sample of the whole board, not
 * against the clock: while nothing comes in at all, nothing leaves, and an outage does not empty the screen.
 */
export function isExpired(sample: Sample, newestTs: number, isMember: boolean): boolean {
  return newestTs - sample.ts > (isMember ? INSIDE_UNIVERSE_MS : OUTSIDE_UNIVERSE_MS);
}
