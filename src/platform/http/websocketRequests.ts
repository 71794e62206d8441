import { IncomingMessage } from 'node:http';

/** Where Socket.IO listens. */
const WEBSOCKET_PATH = '/socket.io/';

/**
 * A request is upgraded to a websocket, where there are websockets, and to nothing else: any other `Upgrade` is ignored
 * and the request answered as if it were not there (RFC 9110 §7.8). curl and Java's client ask for h2c with their first
 * request, and a server that upgrades anything at all would leave those without an answer.
 *
 * Node sets `upgrade` while it reads the head, and reads it once the head is complete.
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
