import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SECOND_MS } from '../kit/clock.ts';

/** An HTTP server of a job: opened when the job starts, closed with all its connections when it stops. */
export type HttpListener = {
  /** Rejects when the port cannot be had. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** `null` while closed; differs from the port asked for when that was 0. */
  port(): number | null;
};

/** A poller asks for every symbol at once. */
const BACKLOG = 1_024;

export function createHttpListener(options: {
  handler: RequestListener;
  port: number;
  host: string;
}): HttpListener {
  let server: Server | null = null;

  return {
    async open() {
      server = createServer(
        { keepAliveTimeout: 65 * SECOND_MS, requestTimeout: 30 * SECOND_MS },
        options.handler,
      );
      server.listen({ port: options.port, host: options.host, backlog: BACKLOG });
      await once(server, 'listening');
    },
    async close() {
      if (!server?.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    port: () => (server?.address() as AddressInfo | null | undefined)?.port ?? null,
  };
}
