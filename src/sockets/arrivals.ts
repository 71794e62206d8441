import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { cutOff, type Connection } from './connections.ts';

/** Connections that are not authenticated after this time are closed. */
const AUTHENTICATE_WITHIN_MS = 5 * SECOND_MS;

export type Arrivals = ReturnType<typeof createArrivals>;

/** The connections that are not authenticated yet; they are closed unless they are within a few seconds. */
export function createArrivals(clock: Clock) {
  const cancels = new Map<Connection, () => void>();

  function admit(connection: Connection): void {
    cancels.get(connection)?.();
    cancels.delete(connection);
  }

  function onClose(this: Connection): void {
    admit(this);
  }

  return {
    add(connection: Connection): void {
      const cancel = clock.after(AUTHENTICATE_WITHIN_MS, () => cutOff(connection));
      cancels.set(connection, cancel);
      connection.on('close', onClose);
    },
    /** The connection may stay. */
    admit,
  };
}
