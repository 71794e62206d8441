import type { Socket } from 'socket.io';
import { SECOND_MS, type Clock } from '../kit/clock.ts';

/** A connection as the engine sees it: one client, whatever it asks for on it. */
export type Connection = Socket['conn'];

/** What was sent to a client last, such as why it is closed, gets this long to reach it. */
export const CLOSE_GRACE_MS = 2 * SECOND_MS;

/**
 * Closes at once and frees what waits to be sent. Both transports close by agreement, and a client that does not read, or
 * does not poll, never agrees: it would hold its place and its memory for another half minute. The client is not sent
 * away: it may come back.
 */
export function cutOff(connection: Connection): void {
  const { socket, shouldClose } = transportOf(connection);
  connection.close(true);
  socket?.terminate();
  shouldClose?.();
}

/** Lets what was sent last go out, then closes, with or without the client's agreement. */
export function closeGently(connection: Connection, clock: Clock): void {
  connection.close();
  clock.after(CLOSE_GRACE_MS, () => cutOff(connection));
}

/**
 * Bytes that the client has not taken yet: packets that the engine still holds, and what it has handed to the websocket
 * without the operating system taking it.
 */
export function bufferedBytes(connection: Connection): number {
  const { writeBuffer = [] } = connection as unknown as { writeBuffer?: { data?: string | Buffer }[] };
  const queued = writeBuffer.reduce((sum, packet) => sum + (packet.data?.length ?? 0), 0);
  return queued + (transportOf(connection).socket?.bufferedAmount ?? 0);
}

export function isPolling(connection: Connection): boolean {
  return connection.transport.name === 'polling';
}

/** What the engine knows of its transport and does not declare. */
type Transport = {
  /** The websocket, unless the client polls. */
  socket?: { bufferedAmount: number; terminate(): void };
  /** A close that waits for the client's next poll. */
  shouldClose?: (() => void) | null;
};

function transportOf(connection: Connection): Transport {
  return connection.transport as unknown as Transport;
}
