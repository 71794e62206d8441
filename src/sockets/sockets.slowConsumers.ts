import type { Socket } from 'socket.io';
import type { Clock } from '../kit/clock.ts';
import { SECOND_MS } from '../kit/clock.ts';

/**
 * Closes connections that do not read. The transport buffers without a limit, so one paused laptop would cost the memory
 * of everything that was sent meanwhile. The connection is closed, not the client sent away: it comes back by itself and
 * catches up by its position.
 */
export type SlowConsumers = {
  /** Looks at one socket; true when it was closed. */
  check(socket: SocketLike): boolean;
  forget(id: string): void;
};

type SocketLike = Pick<Socket, 'id'> & { conn: Socket['conn'] };

const MAX_BUFFERED_BYTES = 1_000_000;
const MAX_STUCK_MS = 10 * SECOND_MS;

export function createSlowConsumers(clock: Clock): SlowConsumers {
  const stuckSince = new Map<string, number>();

  return {
    check(socket) {
      const buffered = bufferedBytes(socket.conn);
      if (buffered === 0) {
        stuckSince.delete(socket.id);
        return false;
      }
      const now = clock.now();
      const since = stuckSince.get(socket.id) ?? now;
      stuckSince.set(socket.id, since);
      if (buffered <= MAX_BUFFERED_BYTES && now - since < MAX_STUCK_MS) return false;
      stuckSince.delete(socket.id);
      socket.conn.close(true);
      return true;
    },
    forget: (id) => void stuckSince.delete(id),
  };
}

/** What waits in the engine and in the kernel's way: engine packets not yet handed over, and bytes the peer has not taken. */
function bufferedBytes(conn: Socket['conn']): number {
  const waiting = conn as unknown as {
    writeBuffer?: { data?: string | Buffer }[];
    transport?: { socket?: { bufferedAmount?: number }; writable?: boolean };
  };
  const queued = waiting.writeBuffer?.reduce((sum, packet) => sum + (packet.data?.length ?? 0), 0) ?? 0;
  return queued + (waiting.transport?.socket?.bufferedAmount ?? 0);
}
