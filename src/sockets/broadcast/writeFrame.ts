import { isPolling, selectOptionalIdleStream, type Connection } from '../connections.ts';

/** Parts of one websocket frame: one, or two of which the second is shared by many connections. */
export type FrameParts = readonly Buffer[];

export type FrameWriter = ReturnType<typeof createFrameWriter>;

/**
 * Writes a message that is a websocket frame already. An idle websocket is written the frame without the engine's work, of
 * which `onFrame` is called instead of the engine's events; all other connections are sent the message by the engine.
 */
export function createFrameWriter(onFrame: (connection: Connection, bytes: number) => void) {
  return function write(connection: Connection, message: string, parts: FrameParts): void {
    const stream = selectOptionalIdleStream(connection);
    if (stream) {
      if (parts.length > 1) stream.cork();
      for (const part of parts) stream.write(part);
      if (parts.length > 1) stream.uncork();
      onFrame(connection, bytesOf(parts));
      return;
    }
    const options: WriteOptions = { compress: false };
    // A polling transport encodes by itself, also what it leaves to the websocket that replaces it.
    if (!isPolling(connection)) options.wsPreEncodedFrame = parts;
    connection.write(message, options);
  };
}

export function bytesOf(parts: FrameParts): number {
  let sum = 0;
  for (const it of parts) sum += it.length;
  return sum;
}

/** The engine's option for a frame that is encoded already; its types declare only `compress`. */
export type WriteOptions = { compress: boolean; wsPreEncodedFrame?: FrameParts };
