import { Adapter, type BroadcastOptions } from 'socket.io-adapter';
import { canInflate, isPolling, selectOptionalIdleStream, type Connection } from '../connections.ts';
import type { OpenInterestSocket } from '../sockets.context.ts';
import { deflateFrames, encodeFrames, isWorthDeflating, type Frames } from './frames.ts';
import { createBroadcastQueue } from './queue.ts';

/**
 * Socket.IO's adapter in memory, with three differences: broadcasts are queued and sent in slices, large ones are deflated
 * once for all websockets that can inflate them, and an idle websocket is written its frame without the engine's work, of
 * which `onFrame` is called instead of the engine's events. All other connections are sent the message by the engine.
 */
export function createBroadcasts(onFrame: (connection: Connection, bytes: number) => void) {
  const queue = createBroadcastQueue<OpenInterestSocket>({
    now: () => performance.now(),
    later: setImmediate,
  });

  function write(connection: Connection, message: string, { plain, deflated }: Frames): void {
    const frame = deflated && canInflate(connection) ? deflated : plain;
    const stream = selectOptionalIdleStream(connection);
    if (stream) {
      stream.write(frame);
      onFrame(connection, frame.length);
      return;
    }
    const writeOptions: WriteOptions = { compress: false };
    // A polling transport encodes by itself, also what it leaves to the websocket that replaces it.
    if (!isPolling(connection)) writeOptions.wsPreEncodedFrame = [frame];
    connection.write(message, writeOptions);
  }

  const adapter = class extends Adapter {
    override broadcast(packet: { type: number; data: unknown[] }, to: BroadcastOptions): void {
      const { apply, nsp } = this as unknown as Internals;
      const targets: OpenInterestSocket[] = [];
      apply.call(this, to, (socket) => targets.push(socket));
      const [message] = nsp.server.encoder.encode({ ...packet, nsp: nsp.name }) as [string];
      const frames = encodeFrames(message);
      const isDeflated = isWorthDeflating(frames) && targets.some(({ conn }) => canInflate(conn));
      queue.add({
        targets,
        send: ({ conn }) => write(conn, message, frames),
        ready: isDeflated ? deflateFrames(frames, message) : undefined,
      });
    }
  };

  return { adapter, settle: queue.settle, finish: queue.finish };
}

/** Members of the adapter that its types do not declare. */
type Internals = {
  apply: (this: Adapter, to: BroadcastOptions, onSocket: (socket: OpenInterestSocket) => void) => void;
  nsp: { name: string; server: { encoder: { encode(packet: object): unknown[] } } };
};

/** The engine's option for a frame that is encoded already; its types declare only `compress`. */
type WriteOptions = { compress: boolean; wsPreEncodedFrame?: Buffer[] };
