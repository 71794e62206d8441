import { Redis } from 'ioredis';
import { backoffMs } from '../../kit/backoff.shared.ts';
import { HOUR_MS, SECOND_MS } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';

export type { Redis } from 'ioredis';

const RECONNECT = { firstMs: 100, longestMs: 5 * SECOND_MS };

/**
 * A client that fails fast: Redis is a cache and a bus, and no request may wait for it. Commands are rejected immediately
 * without a connection and after 500 ms without an answer; the client reconnects by itself.
 */
export function createRedis(options: { url: string; logger: Logger; role: string }): Redis {
  const logger = options.logger.child({ redis: options.role });
  const redis = new Redis(options.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 500,
    connectTimeout: 2 * SECOND_MS,
    // By default, disconnecting from a dead server delays the end of the process by 2 s.
    disconnectTimeout: 200,
    // Disconnects from a server that does not answer, because the commands sent to it would accumulate.
    socketTimeout: 2 * SECOND_MS,
    // These commands have been reported as failed; a late execution is of no use.
    autoResendUnfulfilledCommands: false,
    // The client's resubscription causes an unhandled rejection if the connection is lost meanwhile. The bus resubscribes.
    autoResubscribe: false,
    keepAlive: 10 * SECOND_MS,
    retryStrategy: (attempt) => backoffMs(RECONNECT, attempt),
    // After a failover the server is a replica: reconnect, since the name may resolve to the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  // Without a listener, an `error` event ends the process. An outage logs one warning an hour.
  let lastWarnedAt = -Infinity;
  let isNotable = true;
  redis.on('error', (err: Error) => {
    const now = performance.now();
    const first = now - lastWarnedAt > HOUR_MS;
    if (first) {
      lastWarnedAt = now;
      isNotable = true;
    }
    logger[first ? 'warn' : 'debug']({ err }, 'redis connection failed');
  });
  redis.on('ready', () => {
    lastWarnedAt = -Infinity;
    // A replica causes a reconnect with every refused write.
    logger[isNotable ? 'info' : 'debug']('redis connected');
    isNotable = false;
  });
  return redis;
}

/** Starts connecting; failures are retried and logged by the client. */
export function connectRedis(redis: Redis): void {
  redis.connect().catch(() => undefined);
}

/** Round trip in ms. */
export async function pingRedis(redis: Redis): Promise<number> {
  const startedAt = performance.now();
  await redis.ping();
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
