import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { cutOff, type Connection } from './sockets.connections.ts';

const PACKETS = 20;
const WINDOW_MS = 10 * SECOND_MS;

/**
 * A client has little to say and says it rarely. One that floods is cut off, whatever it sends and whether or not it has
 * said who it is: packets are counted below the protocol, where attempts to sign in and answers to nothing count too.
 */
export function limitPackets(connection: Connection, clock: Clock, onFlood: () => void): void {
  let windowStart = clock.now();
  let count = 0;
  connection.on('packet', () => {
    const now = clock.now();
    if (now - windowStart >= WINDOW_MS) {
      windowStart = now;
      count = 0;
    }
    count += 1;
    if (count !== PACKETS + 1) return;
    onFlood();
    cutOff(connection);
  });
}
