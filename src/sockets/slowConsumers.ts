import type { Clock } from '../kit/clock.ts';
import { SECOND_MS } from '../kit/clock.ts';
import { bufferedBytes, cutOff, type Connection } from './connections.ts';

const MAX_BUFFERED_BYTES = 1_000_000;
const MAX_STUCK_MS = 10 * SECOND_MS;

/**
 * Closes connections that do not read. The transport's buffer has no limit, so a single sleeping laptop would cost the
 * memory of everything sent to it meanwhile. The client reconnects and catches up from its position.
 */
export function createSlowConsumers(clock: Clock) {
  /** When the connection last made progress or had an empty buffer. */
  const progressAt = new Map<Connection, number>();

  return {
    /** Includes the connection in every check until it closes. */
    watch(connection: Connection): void {
      progressAt.set(connection, clock.now());
      // The engine flushes only once the transport has written its previous packets: a slow network makes progress, a
      // dead one does not.
      connection.on('flush', () => progressAt.set(connection, clock.now()));
      connection.once('close', () => progressAt.delete(connection));
    },
    /** Closes the connections that are over a limit. `mostBufferedBytes` is the largest buffer of all. */
    check(): { closed: number; mostBufferedBytes: number } {
      const now = clock.now();
      let closed = 0;
      let mostBufferedBytes = 0;
      for (const [connection, since] of progressAt) {
        const buffered = bufferedBytes(connection);
        mostBufferedBytes = Math.max(mostBufferedBytes, buffered);
        if (buffered === 0) progressAt.set(connection, now);
        else if (buffered > MAX_BUFFERED_BYTES || now - since >= MAX_STUCK_MS) {
          cutOff(connection);
          closed += 1;
        }
      }
      return { closed, mostBufferedBytes };
    },
  };
}
