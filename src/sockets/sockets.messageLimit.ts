import type { Socket } from 'socket.io';
import { SECOND_MS, type Clock } from '../kit/clock.ts';

const MESSAGES = 20;
const WINDOW_MS = 10 * SECOND_MS;

/** A client has one thing to say and says it rarely. One that floods is cut off, whatever it sends. */
export function limitMessages(
  socket: Pick<Socket, 'onAny'> & { conn: { close(discard?: boolean): void } },
  clock: Clock,
  onFlood: () => void,
): void {
  let windowStart = clock.now();
  let count = 0;
  socket.onAny(() => {
    const now = clock.now();
    if (now - windowStart >= WINDOW_MS) {
      windowStart = now;
      count = 0;
    }
    count += 1;
    if (count <= MESSAGES) return;
    onFlood();
    socket.conn.close(true);
  });
}
