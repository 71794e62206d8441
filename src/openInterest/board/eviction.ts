import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { Sample } from '../openInterest.types.ts';

/** A symbol outside the universe that has been silent this long is delisted or no longer polled. */
const OUTSIDE_UNIVERSE_MS = HOUR_MS;
const INSIDE_UNIVERSE_MS = DAY_MS;
/** When the whole board is older than this at one look and new at the next, the feed has been away in between. */
const OUTAGE_MS = 10 * MINUTE_MS;

/**
 * Whether a symbol should leave the board. Its silence is measured against the newest sample of the whole board, not
 * against the clock: while no sample arrives, no symbol leaves, and an outage does not empty the screen. Nor does its
 * end: silence counts from `resumedAt` on, or the first chunk after an outage would evict every symbol of the later ones.
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

/** Notices an outage of the feed by the board's newest sample at each look. */
export function createFeedWatch() {
  let lastNewestTs = -Infinity;
  let resumedAt = -Infinity;
  return {
    /** Epoch ms since which the feed has had no outage. */
    look(newestTs: number): number {
      if (newestTs - lastNewestTs > OUTAGE_MS) resumedAt = newestTs;
      lastNewestTs = Math.max(lastNewestTs, newestTs);
      return resumedAt;
    },
  };
}

export type FeedWatch = ReturnType<typeof createFeedWatch>;
