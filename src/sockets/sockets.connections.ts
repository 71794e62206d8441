import type { Socket } from 'socket.io';
import { SECOND_MS, type Clock } from '../kit/clock.ts';

/** A connection as the engine sees it: one client, whatever it asks for on it. */
export type Connection = Socket['conn'];

/** What was sent to a client last, such as why it is closed, gets this long to reach it. */
export const CLOSE_GRACE_MS = 2 * SECOND_MS;

/**
 * Closes at once and frees what waits to be sent. A websocket is closed by agreement, and a client that does not read
 * never agrees: it would hold its memory for another half minute. The client is not sent away: it may come back.
 */
export function cutOff(connection: Connection): void {
  const websocket = websocketOf(connection);
  connection.close(true);
  websocket?.terminate();
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
  return queued + (websocketOf(connection)?.bufferedAmount ?? 0);
}

/** Absent while the client polls. */
function websocketOf(connection: Connection): { bufferedAmount: number; terminate(): void } | undefined {
  const { transport } = connection as unknown as {
    transport?: { socket?: { bufferedAmount: number; terminate(): void } };
  };
  return transport?.socket;
}
