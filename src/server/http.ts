import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { SECOND_MS } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { limitConnections, type HttpConnectionOptions } from '../kit/httpConnections.ts';
import type { Logger } from '../kit/logger.ts';
import { answerUnreadableRequests } from '../platform/http/unreadableRequests.ts';
import { WebsocketRequest } from '../platform/http/websocketRequests.ts';
import type { ServerConfig } from './config.ts';

export type TimedServer = ReturnType<typeof createTimedServer>;

/** How long current requests may take during shutdown. */
const DRAIN_MS = 5 * SECOND_MS;
/** Longer than any response; a poll of Socket.IO is answered by a ping every 10 s. */
const STALLED_AFTER_MS = 20 * SECOND_MS;

/**
 * The HTTP server with its timeouts: slow senders are cut off, while pollers, which post at least every half minute, keep
 * their connection.
 */
export function createTimedServer(options: {
  logger: Logger;
  handle: RequestListener;
  limits: Omit<HttpConnectionOptions, 'stalledAfterMs'>;
}) {
  const { logger, handle } = options;
  const timing = {
    requestTimeout: 15 * SECOND_MS,
    headersTimeout: 10 * SECOND_MS,
    connectionsCheckingInterval: SECOND_MS,
    keepAliveTimeout: 65 * SECOND_MS,
  };
  // The app refuses requests without a host, because Node's own answer has no body.
  const own = { requireHostHeader: false, IncomingMessage: WebsocketRequest };
  const server = createServer({ ...timing, ...own }, (request, response) => {
    // While closing, an idle keep-alive connection would only delay the end.
    response.once('close', () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    handle(request, response);
  });
  answerUnreadableRequests(server, logger);
  let closing = false;
  // `close` waits for upgraded connections, but the server does not list them.
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });

  return {
    server,
    /** Returns the port: the configured one, or a free one for 0. */
    listen(where: ServerConfig['http']): Promise<number> {
      // Socket.IO has registered its listener by now.
      limitConnections(server, { ...options.limits, stalledAfterMs: STALLED_AFTER_MS });
      return listen(server, where);
    },
    /** Refuses new connections and waits for current requests, up to 5 s. */
    async close(): Promise<void> {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // A client that has sent nothing waits for no response.
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
      const cutOff = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, DRAIN_MS);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

/** Throws if a server could not listen there. For programs that have much to do before they start one. */
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
  if (fault.code === 'EACCES')
    return new SettingsError(`PORT: ${port} requires privileges that this account does not have`);
  if (fault.code === 'EADDRNOTAVAIL')
    return new SettingsError(`HOST: ${host} is not an address of this machine`);
  return fault;
}
