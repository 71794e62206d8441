import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws';
import type { Clock } from '../kit/clock.ts';
import { CLOSE_GRACE_MS } from './connections.ts';
import { MESSAGES, WINDOW_MS } from './messageLimit.ts';

/** More than any regular client sends, and more than one read returns, so a malformed frame is reported as such first. */
const RECEIVED_BYTES = 128 * 1_024;
/** What a client may still send while the close frame is on its way. */
const RECEIVED_BYTES_CLOSING = 4 * 1_024 * 1_024;

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
export function createWebsocketServer(options: LimitOptions) {
  return class extends WebSocketServer {
    constructor(own: ServerOptions) {
      super({
        ...own,
        WebSocket: LimitedWebSocket,
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
        (websocket as LimitedWebSocket).limit(socket, options);
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

type LimitOptions = { clock: Clock; onFlood: () => void };

/** A websocket that counts what its client sends. Thousands are open, so they share their listeners. */
class LimitedWebSocket extends WebSocket {
  #options!: LimitOptions;
  #windowStartedAt = 0;
  #messages = 0;
  #bytes = 0;
  #bytesClosing = 0;
  #isCut = false;

  limit(socket: Duplex, options: LimitOptions): void {
    this.#options = options;
    this.#windowStartedAt = options.clock.now();
    this.on('message', this.#onMessage);
    this.on('pong', this.#count);
    this.on('ping', this.#onPing);
    // Fragments of an endless message emit no 'message' event.
    socket.prependListener('data', (chunk: Buffer) => this.#receive(chunk.length));
  }

  #receive(bytes: number): void {
    this.#renewWindow();
    if (this.readyState === WebSocket.OPEN) this.#bytes += bytes;
    else this.#bytesClosing += bytes;
    if (this.#bytes > RECEIVED_BYTES || this.#bytesClosing > RECEIVED_BYTES_CLOSING) this.#cut();
  }

  #onMessage(): void {
    this.#count();
    releaseInflater(this);
  }

  #onPing(data: Buffer): void {
    if (this.#count()) this.pong(data);
  }

  #count(): boolean {
    this.#renewWindow();
    this.#messages += 1;
    if (this.#messages > MESSAGES) this.#cut();
    return !this.#isCut;
  }

  #renewWindow(): void {
    const now = this.#options.clock.now();
    const elapsedMs = now - this.#windowStartedAt;
    // A clock that was set back starts a new window.
    if (elapsedMs >= 0 && elapsedMs < WINDOW_MS) return;
    this.#windowStartedAt = now;
    this.#messages = 0;
    this.#bytes = 0;
  }

  #cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#options.onFlood();
    // Bytes received before the cut are still parsed.
    this.removeAllListeners('message');
    this.terminate();
  }
}

/** `ws` keeps some 50 KiB for each client that has compressed a message; clients send few. */
function releaseInflater(websocket: WebSocket): void {
  const { _extensions: extensions } = websocket as unknown as {
    _extensions?: { 'permessage-deflate'?: { cleanup(): void } };
  };
  extensions?.['permessage-deflate']?.cleanup();
}
