import type { Principal } from '../../access/access.types.ts';
import { TooManyRequestsError, UnavailableError } from '../../kit/errors.ts';

/**
 * How many readings of history may be under way, of one user and of all. What is above waits at its sender and not in the
 * queue for a connection, where everybody else would wait behind it.
 */
export type ReadLimit = <Result>(principal: Principal, read: () => Promise<Result>) => Promise<Result>;

/** As many charts as a person opens at once. */
export const READS_PER_USER = 4;
/** Each connection then has a short queue, which is worked off within the time that a reading waits for one. */
const READS_PER_CONNECTION = 4;

export function createReadLimit(connections: number): ReadLimit {
  const underWay = new Map<string, number>();
  let inAll = 0;

  return async (principal, read) => {
    const user = nameOf(principal);
    const own = underWay.get(user) ?? 0;
    if (own >= READS_PER_USER) {
      throw new TooManyRequestsError(
        `${READS_PER_USER} readings of history are under way for you; ask again when one has ended`,
        { retryAfterSec: 1 },
      );
    }
    if (inAll >= READS_PER_CONNECTION * connections) {
      throw new UnavailableError('reads_busy', 'Too many readings of history are under way; ask again');
    }
    underWay.set(user, own + 1);
    inAll += 1;
    try {
      return await read();
    } finally {
      inAll -= 1;
      const left = (underWay.get(user) ?? 1) - 1;
      if (left === 0) underWay.delete(user);
      else underWay.set(user, left);
    }
  };
}

function nameOf(principal: Principal): string {
  if (principal.kind === 'key') return `key ${principal.keyId}`;
  return principal.kind === 'viewer' ? `user ${principal.sub}` : 'guests';
}
