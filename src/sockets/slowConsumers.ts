import type { Clock } from '../kit/clock.ts';
import { SECOND_MS } from '../kit/clock.ts';
import { bufferedBytes, cutOff, type Connection } from './connections.ts';

/**
 * Closes connections that do not read. The transport buffers without a limit, so one paused laptop would cost the memory
 * of everything that was sent meanwhile. The client comes back by itself and catches up by its position.
 */
export type SlowConsumers = {
  /** From here on the connection is looked after, until it closes. */
  watch(connection: Connection): void;
  /** Looks at every watched connection; answers how many were cut off, and what waited for the slowest one. */
  check(): { closed: number; mostBufferedBytes: number };
};

const MAX_BUFFERED_BYTES = 1_000_000;
const MAX_STUCK_MS = 10 * SECOND_MS;

export function createSlowConsumers(clock: Clock): SlowConsumers {
  /** When the connection last took something, or last had nothing waiting. */
  const movedAt = new Map<Connection, number>();

  return {
    watch(connection) {
      movedAt.set(connection, clock.now());
      // The engine flushes only into a transport that has got rid of what it was given before: a narrow line moves,
      // a dead one does not.
      connection.on('flush', () => movedAt.set(connection, clock.now()));
      connection.once('close', () => movedAt.delete(connection));
    },
    check() {
      const now = clock.now();
      let closed = 0;
      let mostBufferedBytes = 0;
      for (const [connection, since] of movedAt) {
        const buffered = bufferedBytes(connection);
        mostBufferedBytes = Math.max(mostBufferedBytes, buffered);
        if (buffered === 0) movedAt.set(connection, now);
        else if (buffered > MAX_BUFFERED_BYTES || now - since >= MAX_STUCK_MS) {
          cutOff(connection);
          closed += 1;
        }
      }
      return { closed, mostBufferedBytes };
    },
  };
}
