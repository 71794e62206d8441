import type { Clock } from '../kit/clock.ts';
import { SECOND_MS } from '../kit/clock.ts';
import {
  bufferedBytes,
  cutOff,
  isEventStream,
  websocketBytes,
  type Client,
  type Connection,
} from './connections.ts';

const MAX_BUFFERED_BYTES = 1_000_000;
const MAX_STUCK_MS = 10 * SECOND_MS;
/**
 * Counted at most between two checks, which run every second: a process that was suspended wakes up with a buffer for every
 * client, and none of them is slow.
 */
const MAX_COUNTED_MS = 2 * SECOND_MS;

export type SlowConsumers = ReturnType<typeof createSlowConsumers>;

/**
 * Closes connections that do not read. The transport's buffer has no limit, so a single sleeping laptop would cost the
 * memory of everything sent to it meanwhile. The client reconnects and catches up from its position.
 */
export function createSlowConsumers(clock: Clock) {
  const watched = new Set<Client>();
  /** For how long each has made no progress with a buffer that is not empty; only those whose buffer was not. */
  const stuckMs = new Map<Client, number>();
  let checkedAt = clock.now();

  function progressed(connection: Client): void {
    // Called for each frame to each client.
    if (stuckMs.size > 0) stuckMs.delete(connection);
  }

  // The engine flushes only once the transport has written its previous packets, but does not know of frames that were
  // sent past it: a slow network makes progress, a dead one does not.
  function onFlush(this: Connection): void {
    if (websocketBytes(this) === 0) progressed(this);
  }

  function forget(this: Client): void {
    watched.delete(this);
    stuckMs.delete(this);
  }

  return {
    /** Includes the connection in every check until it closes. */
    watch(connection: Client): void {
      watched.add(connection);
      if (!isEventStream(connection)) connection.on('flush', onFlush);
      connection.on('close', forget);
    },
    /** Notes that the client has read something. */
    progressed,
    /** Closes the connections that are over a limit. `mostBufferedBytes` is the largest buffer of all. */
    check(): { closed: Client[]; mostBufferedBytes: number } {
      const now = clock.now();
      // Nothing while the clock is set back.
      const passedMs = Math.min(Math.max(0, now - checkedAt), MAX_COUNTED_MS);
      checkedAt = now;
      const closed: Client[] = [];
      let mostBufferedBytes = 0;
      for (const connection of watched) {
        const buffered = bufferedBytes(connection);
        if (buffered === 0) {
          progressed(connection);
          continue;
        }
        const stuck = (stuckMs.get(connection) ?? 0) + passedMs;
        mostBufferedBytes = Math.max(mostBufferedBytes, buffered);
        stuckMs.set(connection, stuck);
        if (buffered > MAX_BUFFERED_BYTES || stuck >= MAX_STUCK_MS) {
          cutOff(connection);
          closed.push(connection);
        }
      }
      return { closed, mostBufferedBytes };
    },
  };
}
