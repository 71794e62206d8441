import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import type { Socket } from 'socket.io';
import { WebSocket } from 'ws';
import { SECOND_MS, type Clock } from '../kit/clock.ts';

/** A connection of the engine below Socket.IO: one client on one transport. */
export type Connection = Socket['conn'];

/** A client of the feed: a connection of a socket, or the response of an event stream. */
export type Client = Connection | ServerResponse;

export function isEventStream(client: Client): client is ServerResponse {
  return client instanceof ServerResponse;
}

export function requestOf(client: Client): IncomingMessage {
  return isEventStream(client) ? client.req : client.request;
}

/** How long the last message to a client, such as the reason of a close, has to be sent. */
export const CLOSE_GRACE_MS = 2 * SECOND_MS;

/**
 * Closes at once and frees the buffers. A regular close needs the client's agreement on both transports; a client that
 * does not read or poll never agrees, and its connection and memory would remain for another half minute. The client may
 * reconnect.
 */
export function cutOff(client: Client): void {
  if (isEventStream(client)) {
    client.destroy();
    return;
  }
  const { socket, shouldClose } = transportOf(client);
  client.close(true);
  socket?.terminate();
  shouldClose?.();
}

/** Closes once the last message is sent, or after `CLOSE_GRACE_MS` without the client's agreement. */
export function closeGently(client: Client, clock: Clock): void {
  if (isEventStream(client)) client.end();
  else client.close();
  clock.after(CLOSE_GRACE_MS, () => cutOff(client));
}

/** Bytes that the client has not read yet: packets in the engine's queue and in the websocket's or response's buffer. */
export function bufferedBytes(client: Client): number {
  if (isEventStream(client)) return client.writableLength;
  const { writeBuffer = [] } = client as unknown as { writeBuffer?: { data?: string | Buffer }[] };
  const queued = writeBuffer.reduce((sum, packet) => sum + (packet.data?.length ?? 0), 0);
  return queued + websocketBytes(client);
}

/** Bytes in the websocket's buffer; 0 for a client that polls. */
export function websocketBytes(connection: Connection): number {
  return transportOf(connection).socket?.bufferedAmount ?? 0;
}

export function isPolling(connection: Connection): boolean {
  return connection.transport.name === 'polling';
}

/**
 * The stream below an open websocket that has read all that was sent to it. A whole frame may be written to it past the
 * engine, whose next packet then follows. `null`: the engine has to send, or `ws` has changed.
 */
export function selectOptionalIdleStream(connection: Connection): Writable | null {
  const { writeBuffer } = connection as unknown as { writeBuffer?: unknown[] };
  const { socket, writable } = transportOf(connection);
  const isIdle =
    writable === true &&
    writeBuffer?.length === 0 &&
    connection.readyState === 'open' &&
    socket?.readyState === WebSocket.OPEN &&
    socket.bufferedAmount === 0;
  return (isIdle && socket._socket) || null;
}

/** Whether permessage-deflate is negotiated. `extensions`, which `ws` documents, makes a text of each call. */
export function canInflate(connection: Connection): boolean {
  return transportOf(connection).socket?._extensions?.['permessage-deflate'] !== undefined;
}

/** Members of the engine's transport that its types do not declare. */
type Transport = {
  /** The websocket, unless the client polls. */
  socket?: Pick<WebSocket, 'readyState' | 'bufferedAmount' | 'terminate'> & {
    _socket?: Writable;
    _extensions?: { 'permessage-deflate'?: object };
  };
  /** False until the client has read the packets before. */
  writable?: boolean;
  /** A pending close that waits for the client's next poll. */
  shouldClose?: (() => void) | null;
};

function transportOf(connection: Connection): Transport {
  return connection.transport as unknown as Transport;
}
