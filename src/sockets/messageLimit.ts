import { createAllowance, type Allowance } from '../kit/allowance.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { cutOff, isPolling, type Connection } from './connections.ts';

/** A client has little to send and sends it rarely: a position, an answer to a ping. */
const MESSAGES = 20;
const WINDOW_MS = 10 * SECOND_MS;

export function createMessageAllowance(clock: Clock): Allowance {
  return createAllowance({ most: MESSAGES, windowMs: WINDOW_MS, now: clock.now });
}

/**
 * Cuts off a polling client that floods, whatever it sends and whether or not it is let in: packets are counted below the
 * protocol, where attempts to sign in and answers to nothing count too. Those of a websocket are counted frame by frame
 * (`createWebsocketServer`).
 */
export function limitPolledPackets(connection: Connection, clock: Clock, onFlood: () => void): void {
  const isAllowed = createMessageAllowance(clock);
  connection.on('packet', () => {
    // The rest of a body arrives on a connection that is closed.
    if (!isPolling(connection) || isAllowed() || connection.readyState === 'closed') return;
    onFlood();
    cutOff(connection);
  });
}
