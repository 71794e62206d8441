import { MINUTE_MS } from '../../kit/clock.ts';
import type { Chunk } from '../spool/spool.types.ts';

/** Remembers over which time the spool had to drop samples, so that it can be filled when the server is back. */
export type DropWatch = {
  dropped(chunk: Chunk): void;
  /** The stretch that has been dropped since the last call, if it is long enough to be filled. */
  take(): { from: number; to: number } | null;
};

/** The exchange's points are five minutes apart. */
const SHORTEST_MS = 6 * MINUTE_MS;

export function createDropWatch(): DropWatch {
  let from = Infinity;
  let to = -Infinity;

  return {
    dropped({ lane, at }) {
      // What was filled from the exchange's history can be asked for again only by asking for all of it.
      if (lane !== 'live') return;
      from = Math.min(from, at);
      to = Math.max(to, at);
    },
    take() {
      const span = to - from >= SHORTEST_MS ? { from, to } : null;
      from = Infinity;
      to = -Infinity;
      return span;
    },
  };
}
