import type { Principal } from '../../access/access.types.ts';
import { TooManyRequestsError, UnavailableError } from '../../kit/errors.ts';

/** As many charts as a person opens at once. */
export const READS_PER_USER = 4;
/** A short queue for each connection, which is worked off before a read times out waiting for one. */
const READS_PER_CONNECTION = 4;

/**
 * Limits concurrent reads of history per user and in total. Reads above the limit are refused, because in the queue for a
 * connection they would delay every other request.
 */
export function createReadLimit(connections: number) {
  const most = READS_PER_CONNECTION * connections;
  const running = new Map<string, number>();
  let [total, streams] = [0, 0];

  /** Counts a read; the returned function ends it. Throws 429 or 503 at the limit. */
  function enter(principal: Principal): () => void {
    const user = nameOf(principal);
    const own = running.get(user) ?? 0;
    if (own >= READS_PER_USER) {
      throw new TooManyRequestsError(
        `${READS_PER_USER} readings of history are under way for you; ask again when one has ended`,
        { retryAfterSec: 1 },
      );
    }
    if (total >= most) {
      throw new UnavailableError('reads_busy', 'Too many readings of history are under way; ask again');
    }
    running.set(user, own + 1);
    total += 1;
    return () => {
      total -= 1;
      const left = (running.get(user) ?? 1) - 1;
      if (left === 0) running.delete(user);
      else running.set(user, left);
    };
  }

  return {
    async read<Result>(principal: Principal, read: () => Promise<Result>): Promise<Result> {
      const leave = enter(principal);
      try {
        return await read();
      } finally {
        leave();
      }
    },
    /**
     * Counts from the first item to the last, or to the end of its reader. Streams last as long as their readers take, so they
     * leave half of the reads to others. Throws as `read` does.
     */
    async *stream<Item>(principal: Principal, items: AsyncIterable<Item>): AsyncGenerator<Item> {
      if (streams >= most / 2) {
        throw new UnavailableError('reads_busy', 'Too many exports of history are under way; ask again');
      }
      const leave = enter(principal);
      streams += 1;
      try {
        yield* items;
      } finally {
        streams -= 1;
        leave();
      }
    },
  };
}
export type ReadLimit = ReturnType<typeof createReadLimit>;

function nameOf(principal: Principal): string {
  if (principal.kind === 'key') return `key ${principal.keyId}`;
  return principal.kind === 'viewer' ? `user ${principal.sub}` : 'guests';
}
