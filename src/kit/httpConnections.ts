import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type HttpConnectionOptions = {
  /** Refuses connections beyond this number; 0: no limit. */
  maxConnections: number;
  /** Closes a connection after this time without any transferred byte; up to twice as long while a response is pending. */
  stalledAfterMs: number;
  /** Called with the reason of a closed or refused connection. */
  onRefused?: (reason: 'pipelined' | 'stalled' | 'full') => void;
};

/**
 * Pipelined requests of one connection. Browsers and HTTP libraries send none; Node parses all requests of a chunk, up to
 * 1,700, before it applies backpressure.
 */
const MAX_UNANSWERED = 32;

type Exchange = { request: IncomingMessage; response: ServerResponse };

/**
 * Bounds the cost of a connection. Its requests are served one at a time, each after the previous response has been passed
 * to the operating system, so a client that does not read costs the memory of one response. Call it after all listeners
 * of `request` are registered.
 */
export function limitConnections(server: Server, limits: HttpConnectionOptions): void {
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
      // More requests of the same chunk. Node aborts each with an error whose stack takes more memory than the request.
      request.destroy = () => request;
      return;
    }
    const queue = unanswered.get(socket) ?? [];
    unanswered.set(socket, queue);
    queue.push({ request, response });
    if (queue.length > MAX_UNANSWERED) {
      onRefused('pipelined');
      socket.destroy();
    } else if (queue.length === 1) {
      serveFirst(queue);
    }
  });

  function serveFirst(queue: Exchange[]): void {
    const first = queue[0];
    if (first === undefined || first.request.socket.destroyed) return;
    first.response.once('close', () => {
      queue.shift();
      serveFirst(queue);
    });
    for (const listener of listeners) listener.call(server, first.request, first.response);
  }
}
