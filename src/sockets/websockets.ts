import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { createAllowance } from '../kit/allowance.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { CLOSE_GRACE_MS } from './connections.ts';
import { createMessageAllowance } from './messageLimit.ts';

/** More than any client sends, and than the operating system gives at once: what is wrong in it is found first. */
const RECEIVED_BYTES = 128 * 1_024;
/** What a client may still send while it is told why it is closed. */
const RECEIVED_BYTES_CLOSING = 4 * 1_024 * 1_024;
const WINDOW_MS = 10 * SECOND_MS;

/**
 * The websocket server for Socket.IO's engine, which watches every websocket from its first byte. The engine itself
 * counts nothing on one that is about to replace a polling transport or that it turns away, and never hears of pings,
 * pongs and parts of messages. What a websocket may send is so little that what it is answered cannot pile up.
 */
export function createWebsocketServer(options: { clock: Clock; onFlood: () => void }) {
  return class extends WebSocketServer {
    constructor(own: ServerOptions) {
      super({ ...own, autoPong: false, closeTimeout: CLOSE_GRACE_MS } as ServerOptions);
    }

    override handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (websocket: WebSocket, request: IncomingMessage) => void,
    ): void {
      super.handleUpgrade(request, socket, head, (websocket, upgraded) => {
        watch(websocket, socket, options);
        done(websocket, upgraded);
      });
    }
  };
}

function watch(
  websocket: WebSocket,
  socket: Duplex,
  { clock, onFlood }: { clock: Clock; onFlood: () => void },
): void {
  const mayAnswer = createMessageAllowance(clock);
  const mayReceive = createAllowance({ most: RECEIVED_BYTES, windowMs: WINDOW_MS, now: clock.now });
  let receivedClosing = 0;
  let isCut = false;

  function cut(): void {
    if (isCut) return;
    isCut = true;
    onFlood();
    // The rest of what has been received is parsed; nothing hears of it any more.
    websocket.removeAllListeners('message');
    websocket.terminate();
  }

  function count(): boolean {
    if (!isCut && !mayAnswer()) cut();
    return !isCut;
  }

  websocket.on('message', count);
  websocket.on('pong', count);
  websocket.on('ping', (data) => {
    if (count()) websocket.pong(data);
  });
  // Parts of a message that never ends are no messages.
  socket.prependListener('data', (chunk: Buffer) => {
    if (websocket.readyState === websocket.OPEN ? mayReceive(chunk.length) : mayClose(chunk.length)) return;
    cut();
  });

  function mayClose(bytes: number): boolean {
    receivedClosing += bytes;
    return receivedClosing <= RECEIVED_BYTES_CLOSING;
  }
}
