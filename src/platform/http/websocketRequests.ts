import { IncomingMessage } from 'node:http';

/** The path of Socket.IO. */
const WEBSOCKET_PATH = '/socket.io/';

/**
 * Allows upgrades to a websocket on Socket.IO's path only. Any other `Upgrade` is ignored and the request answered without
 * it (RFC 9110 §7.8): curl and Java's client request h2c with their first request, which would otherwise get no answer.
 *
 * Node sets `upgrade` while it parses the headers and reads it when they are complete.
 */
export class WebsocketRequest extends IncomingMessage {
  get upgrade(): boolean {
    if (this.method === 'CONNECT') return true;
    const isWebsocket = this.headers.upgrade?.toLowerCase() === 'websocket';
    return isWebsocket && asksToUpgrade.has(this) && this.url?.startsWith(WEBSOCKET_PATH) === true;
  }

  set upgrade(asked: boolean | null) {
    if (asked) asksToUpgrade.add(this);
  }
}

const asksToUpgrade = new WeakSet<IncomingMessage>();
