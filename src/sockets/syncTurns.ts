import type { Clock } from '../kit/clock.ts';
import { bufferedBytes, type Client } from './connections.ts';

type SyncRequest = { ofUser: () => Iterable<Client>; answer: () => void };

/** Up to here the previous answer counts as read, whatever small messages are buffered. */
const READ_BYTES = 64 * 1_024;
const MAX_BYTES_OF_USER = 4_000_000;
const MAX_QUEUED = 20;
const RETRY_MS = 50;

export type SyncTurns = ReturnType<typeof createSyncTurns>;

/**
 * Schedules answers to sync requests. A whole board of 5,000 symbols is 2.5 MB and a user may have 60 sockets, so each
 * connection is answered one request at a time, after it has read the previous answer, and only while little is buffered
 * for the user. Requests are queued rather than answers, because requests are small.
 */
export function createSyncTurns(clock: Clock) {
  const queues = new Map<Client, SyncRequest[]>();

  function forget(this: Client): void {
    queues.delete(this);
  }

  function mayAnswer(connection: Client, { ofUser }: SyncRequest): boolean {
    if (bufferedBytes(connection) > READ_BYTES) return false;
    let sum = 0;
    for (const other of ofUser()) sum += bufferedBytes(other);
    return sum <= MAX_BYTES_OF_USER;
  }

  function retryLater(): void {
    clock.after(RETRY_MS, () => {
      for (const [connection, queue] of queues) {
        const next = queue[0]!;
        if (!mayAnswer(connection, next)) continue;
        queue.shift();
        if (queue.length === 0) {
          queues.delete(connection);
          connection.off('close', forget);
        }
        next.answer();
      }
      if (queues.size > 0) retryLater();
    });
  }

  return {
    /**
     * Calls `answer` now or when its turn comes; false if too many requests of the connection are queued. `ofUser` lists
     * the connections of the same user.
     */
    ask(connection: Client, ofUser: SyncRequest['ofUser'], answer: () => void): boolean {
      const request = { ofUser, answer };
      const queue = queues.get(connection);
      if (queue !== undefined) {
        if (queue.length >= MAX_QUEUED) return false;
        queue.push(request);
      } else if (mayAnswer(connection, request)) {
        answer();
      } else {
        if (queues.size === 0) retryLater();
        queues.set(connection, [request]);
        connection.on('close', forget);
      }
      return true;
    },
  };
}
