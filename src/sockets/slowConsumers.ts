import type { Clock } from '../kit/clock.ts';
import { SECOND_MS } from '../kit/clock.ts';
import { bufferedBytes, cutOff, isEventStream, websocketBytes, type Client } from './connections.ts';

const MAX_BUFFERED_BYTES = 1_000_000;
const MAX_STUCK_MS = 10 * SECOND_MS;

export type SlowConsumers = ReturnType<typeof createSlowConsumers>;

/**
 * Closes connections that do not read. The transport's buffer has no limit, so a single sleeping laptop would cost the
 * memory of everything sent to it meanwhile. The client reconnects and catches up from its position.
 */
export function createSlowConsumers(clock: Clock) {
  /** When the connection last made progress or had an empty buffer. */
  const progressAt = new Map<Client, number>();

  function progressed(connection: Client): void {
    if (progressAt.has(connection)) progressAt.set(connection, clock.now());
  }

  return {
    /** Includes the connection in every check until it closes. */
    watch(connection: Client): void {
      progressAt.set(connection, clock.now());
      // The engine flushes only once the transport has written its previous packets, but does not know of frames that were
      // sent past it: a slow network makes progress, a dead one does not.
      if (!isEventStream(connection))
        connection.on('flush', () => {
          if (websocketBytes(connection) === 0) progressed(connection);
        });
      connection.once('close', () => progressAt.delete(connection));
    },
    /** Notes that the client has read something. */
    progressed,
    /** Closes the connections that are over a limit. `mostBufferedBytes` is the largest buffer of all. */
    check(): { closed: Client[]; mostBufferedBytes: number } {
      const now = clock.now();
      const closed: Client[] = [];
      let mostBufferedBytes = 0;
      for (const [connection, since] of progressAt) {
        const buffered = bufferedBytes(connection);
        mostBufferedBytes = Math.max(mostBufferedBytes, buffered);
        if (buffered === 0) progressAt.set(connection, now);
        else if (buffered > MAX_BUFFERED_BYTES || now - since >= MAX_STUCK_MS) {
          cutOff(connection);
          closed.push(connection);
        }
      }
      return { closed, mostBufferedBytes };
    },
  };
}
