import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { createAllowance } from '../kit/allowance.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { CLOSE_GRACE_MS } from './connections.ts';
import { createMessageAllowance } from './messageLimit.ts';

/** More than any regular client sends, and more than one read returns, so a malformed frame is reported as such first. */
const RECEIVED_BYTES = 128 * 1_024;
/** What a client may still send while the close frame is on its way. */
const RECEIVED_BYTES_CLOSING = 4 * 1_024 * 1_024;
const WINDOW_MS = 10 * SECOND_MS;

/**
 * Negotiated for broadcasts that are deflated once for all connections, hence without context takeover. The library itself
 * compresses nothing: for each connection on its own that would cost more than all other work together.
 */
const PER_MESSAGE_DEFLATE = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  threshold: Infinity,
};

/**
 * The websocket server for Socket.IO's engine, which limits every websocket from its first byte. The engine itself sees
 * no pings, pongs and message fragments, and nothing of a websocket that it refuses or that is about to replace a polling
 * transport. The limit is so low that the answers to what a client sends cannot accumulate.
 */
export function createWebsocketServer(options: { clock: Clock; onFlood: () => void }) {
  return class extends WebSocketServer {
    constructor(own: ServerOptions) {
      super({
        ...own,
        perMessageDeflate: PER_MESSAGE_DEFLATE,
        autoPong: false,
        closeTimeout: CLOSE_GRACE_MS,
      } as ServerOptions);
    }

    override handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (websocket: WebSocket, request: IncomingMessage) => void,
    ): void {
      declineSmallWindow(request);
      super.handleUpgrade(request, socket, head, (websocket, upgraded) => {
        watch(websocket, socket, options);
        done(websocket, upgraded);
      });
    }
  };
}

/** A shared frame is deflated with the full window: a client that asks for a smaller one receives plain frames. */
function declineSmallWindow({ headers }: IncomingMessage): void {
  if (headers['sec-websocket-extensions']?.includes('server_max_window_bits'))
    delete headers['sec-websocket-extensions'];
}

/** `ws` keeps some 50 KiB for each client that has compressed a message; clients send few. */
function releaseInflater(websocket: WebSocket): void {
  const { _extensions: extensions } = websocket as unknown as {
    _extensions?: { 'permessage-deflate'?: { cleanup(): void } };
  };
  extensions?.['permessage-deflate']?.cleanup();
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
    // Bytes received before the cut are still parsed.
    websocket.removeAllListeners('message');
    websocket.terminate();
  }

  function count(): boolean {
    if (!isCut && !mayAnswer()) cut();
    return !isCut;
  }

  websocket.on('message', count);
  websocket.on('message', () => releaseInflater(websocket));
  websocket.on('pong', count);
  websocket.on('ping', (data) => {
    if (count()) websocket.pong(data);
  });
  // Fragments of an endless message emit no 'message' event.
  socket.prependListener('data', (chunk: Buffer) => {
    if (websocket.readyState === websocket.OPEN ? mayReceive(chunk.length) : mayClose(chunk.length)) return;
    cut();
  });

  function mayClose(bytes: number): boolean {
    receivedClosing += bytes;
    return receivedClosing <= RECEIVED_BYTES_CLOSING;
  }
}
