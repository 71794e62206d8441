import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { SettingsError } from '../../kit/env.ts';
import { describeError } from '../../kit/errors.ts';
import { limitConnections } from '../../kit/httpConnections.ts';

/** A poller sends a request for every symbol at once. */
const BACKLOG = 1_024;
/**
 * A client that reads nothing for this long is disconnected, because the rest of its answer is in memory. Longer than an
 * answer of the exchange may take, during which the connection is idle as well.
 */
const STALLED_AFTER_MS = 2 * MINUTE_MS;

export type HttpListener = ReturnType<typeof createHttpListener>;

/** An HTTP server of a job: opened when the job starts, closed with all its connections when it stops. */
export function createHttpListener(options: {
  handler: RequestListener;
  port: number;
  host: string;
  /** The name of the port's setting. */
  setting: string;
  /** More are refused. */
  maxConnections: number;
  stalledAfterMs?: number;
}) {
  let server: Server | null = null;

  return {
    /** Rejects when the port cannot be opened, with the name of its setting. */
    async open(): Promise<void> {
      server = createServer(
        { keepAliveTimeout: 65 * SECOND_MS, requestTimeout: 30 * SECOND_MS },
        options.handler,
      );
      limitConnections(server, {
        maxConnections: options.maxConnections,
        stalledAfterMs: options.stalledAfterMs ?? STALLED_AFTER_MS,
      });
      server.listen({ port: options.port, host: options.host, backlog: BACKLOG });
      try {
        await once(server, 'listening');
      } catch (thrown) {
        throw explainFault(thrown, options);
      }
    },
    async close(): Promise<void> {
      if (!server?.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    /** `null` while closed; differs from the port asked for when that was 0. */
    port: () => (server?.address() as AddressInfo | null | undefined)?.port ?? null,
  };
}

function explainFault(
  thrown: unknown,
  { port, host, setting }: { port: number; host: string; setting: string },
) {
  const { code } = thrown as NodeJS.ErrnoException;
  const why = code === 'EADDRINUSE' ? 'another program has it' : describeError(thrown);
  const remedy = 'stop that program, or set another port (0: any free one)';
  return new SettingsError(`${setting}: port ${port} on ${host} cannot be opened: ${why}; ${remedy}`, {
    cause: thrown,
  });
}
