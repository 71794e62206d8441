import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { SECOND_MS } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { limitConnections, type HttpConnectionOptions } from '../kit/httpConnections.ts';
import type { Logger } from '../kit/logger.ts';
import { answerUnreadableRequests } from '../platform/http/unreadableRequests.ts';
import { WebsocketRequest } from '../platform/http/websocketRequests.ts';
import type { ServerConfig } from './config.ts';

/** The HTTP server with its times, and an end that nobody can put off. */
export type TimedServer = {
  server: Server;
  /** Answers the port: the one that is set, or the free one that was found for 0. */
  listen(where: ServerConfig['http']): Promise<number>;
  /** Takes no more connections and lets requests under way finish, for a while. */
  close(): Promise<void>;
};

/** Requests under way get this long when the server goes down. */
const DRAIN_MS = 5 * SECOND_MS;
/** Longer than any answer takes; a poll of Socket.IO is answered by a ping every 10 s. */
const STALLED_AFTER_MS = 20 * SECOND_MS;

/** Slow senders are cut off; idle pollers, which post every few seconds to every half minute, keep their connection. */
export function createTimedServer(options: {
  logger: Logger;
  handle: RequestListener;
  limits: Omit<HttpConnectionOptions, 'stalledAfterMs'>;
}): TimedServer {
  const { logger, handle } = options;
  const timing = {
    requestTimeout: 15 * SECOND_MS,
    headersTimeout: 10 * SECOND_MS,
    connectionsCheckingInterval: SECOND_MS,
    keepAliveTimeout: 65 * SECOND_MS,
  };
  // The app refuses requests without a host itself: Node would answer them without a body.
  const own = { requireHostHeader: false, IncomingMessage: WebsocketRequest };
  const server = createServer({ ...timing, ...own }, (request, response) => {
    // While closing, a connection whose last request has been answered is kept for nothing.
    response.once('close', () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    handle(request, response);
  });
  answerUnreadableRequests(server, logger);
  let closing = false;
  // The server itself forgets a connection that has become a websocket, and yet waits for it when it closes.
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });

  return {
    server,
    listen(where) {
      // Socket.IO has put its listener beside ours by now.
      limitConnections(server, { ...options.limits, stalledAfterMs: STALLED_AFTER_MS });
      return listen(server, where);
    },
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Whoever has not said a word is not waiting for an answer.
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
      const cutOff = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, DRAIN_MS);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

/** Throws what a server would that was started there. For those who have much to do before they start one. */
export async function requireFreePort(where: ServerConfig['http']): Promise<void> {
  const probe = createServer();
  await listen(probe, where);
  await new Promise((resolve) => probe.close(resolve));
}

function listen(server: Server, { port, host }: ServerConfig['http']): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (fault: NodeJS.ErrnoException): void => reject(explain(fault, port, host));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function explain(fault: NodeJS.ErrnoException, port: number, host: string): Error {
  if (fault.code === 'EADDRINUSE')
    return new SettingsError(`PORT: ${port} is in use; set PORT to a free one`);
  if (fault.code === 'EACCES') return new SettingsError(`PORT: ${port} may not be used by this account`);
  if (fault.code === 'EADDRNOTAVAIL') return new SettingsError(`HOST: ${host} is no address of this machine`);
  return fault;
}
