import { createAllowance } from '../kit/allowance.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { cutOff, isPolling, type Connection } from './connections.ts';

/** A regular client sends a position or the answer to a ping every few seconds. */
export const MESSAGES = 20;
export const WINDOW_MS = 10 * SECOND_MS;

/**
 * Cuts off a polling client that floods, authenticated or not. Packets are counted in the engine, so handshakes and
 * unexpected answers count too. `createWebsocketServer` counts the frames of websockets, which never become polling.
 */
export function limitPolledPackets(connection: Connection, clock: Clock, onFlood: () => void): void {
  if (!isPolling(connection)) return;
  const isAllowed = createAllowance({ most: MESSAGES, windowMs: WINDOW_MS, now: clock.now });
  connection.on('packet', () => {
    // A body may contain more packets than the one that closed the connection.
    if (!isPolling(connection) || isAllowed() || connection.readyState === 'closed') return;
    onFlood();
    cutOff(connection);
  });
}
