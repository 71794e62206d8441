import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createFrameReader, maskedText, type ReceivedFrame } from './frameReader.ts';

/** One connection of a load generator, as cheap as Node has them: a tcp socket, and only the heads of frames are looked at. */
export type ConnectionOptions = {
  port: number;
  /** Each has its own range of ports. */
  localAddress?: string;
  protocol: 'socketio' | 'ws';
  /** Offers permessage-deflate, in the words of Chromium. */
  deflate: boolean;
  auth: Record<string, unknown>;
};

type ConnectionEvents = {
  onFrame: (frame: ReceivedFrame) => void;
  /** A short message that is not compressed, with the engine's and Socket.IO's prefixes. */
  onText?: (text: string) => void;
  onClose: () => void;
};

export type Connection = { socket: Socket; send: (text: string) => void };

const READ_BYTES = 256 * 1_024;

/** Shared, because what is read is looked at before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

/** Resolves when the server counts the socket among those that it sends updates to. */
export function openConnection(options: ConnectionOptions, on: ConnectionEvents): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let isUpgraded = false;
    const send = (text: string) => void socket.write(maskedText(text));
    const read = createFrameReader({
      onFrame: on.onFrame,
      onText(text) {
        if (text === '2') send('3');
        else if (text.startsWith('0{')) send(`40${JSON.stringify(options.auth)}`);
        else if (text.startsWith('40')) resolve({ socket, send });
        else if (text.startsWith('44')) reject(new Error(`refused: ${text}`));
        else on.onText?.(text);
      },
    });
    const socket: Socket = connect({
      port: options.port,
      host: '127.0.0.1',
      ...(options.localAddress ? { localAddress: options.localAddress } : {}),
      onread: {
        buffer: readBuffer,
        callback(size, buffer) {
          const chunk = (buffer as Buffer).subarray(0, size);
          if (isUpgraded) {
            read(chunk);
            return true;
          }
          const end = chunk.indexOf('\r\n\r\n');
          if (end < 0 || !chunk.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
            reject(new Error(`no upgrade: ${chunk.toString()}`));
            return true;
          }
          isUpgraded = true;
          if (options.protocol === 'ws') resolve({ socket, send });
          read(chunk.subarray(end + 4));
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.once('close', () => {
      reject(new Error('closed by the server'));
      on.onClose();
    });
    socket.write(upgradeRequest(options));
  });
}

function upgradeRequest({ protocol, port, deflate }: ConnectionOptions): string {
  const path = protocol === 'ws' ? '/' : '/socket.io/?EIO=4&transport=websocket';
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(deflate ? ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'] : []),
    '\r\n',
  ].join('\r\n');
}
