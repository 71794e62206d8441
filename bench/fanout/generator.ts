import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createFrameReader, maskedText } from './frameReader.ts';

/**
 * Connections of the fan-out benchmark in a process apart from the server, as cheap as Node has them: a tcp socket each, one
 * read buffer for all, and only the heads of frames are looked at.
 */
export type GeneratorOptions = {
  port: number;
  sockets: number;
  protocol: 'socketio' | 'ws';
  /** Offers permessage-deflate, in the words of Chromium. */
  deflate: boolean;
  auth: Record<string, unknown>;
};
export type Received = {
  /** `process.hrtime` of the first and the last socket that had its frame. */
  firstAt: number;
  lastAt: number;
  bytesPerSocket: number;
  cpuMs: number;
};

/** Larger than any message of the protocol except an update. */
const LEAST_UPDATE_BYTES = 2_000;
const CONNECTING_AT_ONCE = 100;
const READ_BYTES = 256 * 1_024;

const options = JSON.parse(process.argv[2]!) as GeneratorOptions;
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
const round = { waiting: 0, firstAt: 0, lastAt: 0, bytes: 0, cpu: process.cpuUsage() };
let onRoundEnd = (): void => undefined;

process.on('message', ({ ask }: { ask: string }) => {
  if (ask === 'arm') {
    Object.assign(round, { waiting: options.sockets, firstAt: 0, lastAt: 0, bytes: 0 });
    round.cpu = process.cpuUsage();
    process.send?.({});
  } else if (round.waiting === 0) answer();
  else onRoundEnd = answer;
});
process.on('disconnect', () => process.exit(0));

for (let opened = 0; opened < options.sockets; opened += CONNECTING_AT_ONCE) {
  const batch = Math.min(CONNECTING_AT_ONCE, options.sockets - opened);
  await Promise.all(Array.from({ length: batch }, openConnection));
}
process.send?.({ port: options.port });

function answer(): void {
  onRoundEnd = () => undefined;
  const { user, system } = process.cpuUsage(round.cpu);
  process.send?.({
    firstAt: round.firstAt,
    lastAt: round.lastAt,
    bytesPerSocket: round.bytes / options.sockets,
    cpuMs: (user + system) / 1_000,
  } satisfies Received);
}

function countUpdate(bytes: number): void {
  round.lastAt = Number(process.hrtime.bigint());
  round.firstAt ||= round.lastAt;
  round.bytes += bytes;
  round.waiting -= 1;
  if (round.waiting === 0) onRoundEnd();
}

/** Resolves when the server counts the socket among those that it sends updates to. */
function openConnection(): Promise<void> {
  return new Promise((resolve, reject) => {
    let isUpgraded = false;
    const read = createFrameReader({
      onFrame(size) {
        if (size >= LEAST_UPDATE_BYTES) countUpdate(size);
      },
      onText(text) {
        if (text === '2') socket.write(maskedText('3'));
        else if (text.startsWith('0{')) socket.write(maskedText(`40${JSON.stringify(options.auth)}`));
        else if (text.startsWith('40')) resolve();
        else if (text.startsWith('44')) reject(new Error(`refused: ${text}`));
      },
    });
    const socket: Socket = connect({
      port: options.port,
      host: '127.0.0.1',
      onread: {
        buffer: readBuffer,
        callback(size, buffer) {
          const chunk = (buffer as Buffer).subarray(0, size);
          if (isUpgraded) {
            read(chunk);
            return true;
          }
          const end = chunk.indexOf('\r\n\r\n');
          if (end < 0 || !chunk.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101')))
            throw new Error(`no upgrade: ${chunk.toString()}`);
          isUpgraded = true;
          if (options.protocol === 'ws') resolve();
          read(chunk.subarray(end + 4));
          return true;
        },
      },
    });
    socket.once('error', reject);
    socket.once('close', () => {
      throw new Error('the server closed a connection of the generator');
    });
    socket.write(upgradeRequest());
  });
}

function upgradeRequest(): string {
  const path = options.protocol === 'ws' ? '/' : '/socket.io/?EIO=4&transport=websocket';
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${options.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(options.deflate ? ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'] : []),
    '\r\n',
  ].join('\r\n');
}
