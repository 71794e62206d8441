import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type ConnectionLimits = {
  /** Connections beyond are refused; 0: no limit. */
  maxConnections: number;
  /**
   * A connection on which no byte has moved for so long, or up to twice as long where an answer waits, is closed: what
   * its client does not read is in memory.
   */
  stalledAfterMs: number;
  /** Why a connection was closed or refused: for a counter. */
  onRefused?: (reason: 'pipelined' | 'stalled' | 'full') => void;
};

/**
 * Unanswered requests of one connection. Browsers and HTTP libraries send one and wait; Node parses every request of a
 * chunk, up to 1,700 of them, before it looks at what has not been read.
 */
const MAX_UNANSWERED = 32;

type Exchange = { request: IncomingMessage; response: ServerResponse };

/**
 * Bounds what a connection can cost. HTTP/1.1 answers in order, so the requests of a connection are served one at a time,
 * each once the answer before it has been handed to the operating system: a client that does not read costs the memory
 * of one answer. Call it after every listener of `request` is in place.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  const { maxConnections, stalledAfterMs, onRefused = () => undefined } = limits;
  if (maxConnections > 0) server.maxConnections = maxConnections;
  server.on('drop', () => onRefused('full'));
  server.setTimeout(stalledAfterMs, (socket) => {
    onRefused('stalled');
    socket.destroy();
  });

  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  const unanswered = new WeakMap<Socket, Exchange[]>();
  server.on('request', (request, response) => {
    const { socket } = request;
    if (socket.destroyed) {
      // The rest of a chunk. Node aborts every request of a closed connection with an error and its stack, which for a
      // thousand of them take more memory than the requests.
      request.destroy = () => request;
      return;
    }
    const line = unanswered.get(socket) ?? [];
    unanswered.set(socket, line);
    line.push({ request, response });
    if (line.length > MAX_UNANSWERED) {
      onRefused('pipelined');
      socket.destroy();
    } else if (line.length === 1) {
      serveFirst(line);
    }
  });

  function serveFirst(line: Exchange[]): void {
    const first = line[0];
    if (first === undefined || first.request.socket.destroyed) return;
    first.response.once('close', () => {
      line.shift();
      serveFirst(line);
    });
    for (const listener of listeners) listener.call(server, first.request, first.response);
  }
}
