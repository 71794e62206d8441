import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { Sample } from '../openInterest.types.ts';

/** A symbol outside the universe that has been silent this long is delisted or no longer polled. */
const OUTSIDE_UNIVERSE_MS = HOUR_MS;
const INSIDE_UNIVERSE_MS = DAY_MS;
/** When the whole board is older than this at one look and new at the next, the feed has been away in between. */
const OUTAGE_MS = 10 * MINUTE_MS;

/**
 * Whether a symbol should leave the board. Its silence is measured against the newest sample of the whole board, not
 * against the clock: while nothing comes in at all, nothing leaves, and an outage does not empty the screen. Nor does its
 * end: silence counts from `resumedAt` on, or the first chunk after an outage would drive out all that come behind it.
 */
export function isExpired(
  sample: Pick<Sample, 'ts'>,
  newestTs: number,
  isMember: boolean,
  resumedAt = -Infinity,
): boolean {
  const silentSince = Math.max(sample.ts, resumedAt);
  return newestTs - silentSince > (isMember ? INSIDE_UNIVERSE_MS : OUTSIDE_UNIVERSE_MS);
}

/** Notices that the feed has come back, from the board's newest sample at each look. */
export type FeedWatch = {
  /** Answers the moment since which the feed has been there without an outage. */
  look(newestTs: number): number;
};

export function createFeedWatch(): FeedWatch {
  let lastNewestTs = -Infinity;
  let resumedAt = -Infinity;
  return {
    look(newestTs) {
      if (newestTs - lastNewestTs > OUTAGE_MS) resumedAt = newestTs;
      lastNewestTs = Math.max(lastNewestTs, newestTs);
      return resumedAt;
    },
  };
}
