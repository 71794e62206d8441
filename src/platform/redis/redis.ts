import { Redis } from 'ioredis';
import { backoffMs } from '../../kit/backoff.shared.ts';
import { HOUR_MS, SECOND_MS } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';

export type { Redis } from 'ioredis';

const RECONNECT = { firstMs: 100, longestMs: 5 * SECOND_MS };

/**
 * A client that fails at once rather than queueing: Redis is a cache and a bus, and nobody may wait for it. Commands
 * while it is away are refused immediately, a silent server costs half a second, and the client reconnects on its own.
 */
export function createRedis(options: { url: string; logger: Logger; role: string }): Redis {
  const logger = options.logger.child({ redis: options.role });
  const redis = new Redis(options.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 500,
    connectTimeout: 2 * SECOND_MS,
    // Ending a client whose server is gone would otherwise keep the process for 2 s.
    disconnectTimeout: 200,
    // A server that answers nothing is left, whatever the connection says: what is sent to it would pile up here.
    socketTimeout: 2 * SECOND_MS,
    // What was sent before has been reported as failed; sent again after a break it would only be late.
    autoResendUnfulfilledCommands: false,
    // The client's own resubscription rejects unhandled where the connection is lost meanwhile. The bus subscribes when ready.
    autoResubscribe: false,
    keepAlive: 10 * SECOND_MS,
    retryStrategy: (attempt) => backoffMs(RECONNECT, attempt),
    // A replica that was promoted away from under us: reconnect, the name may lead to the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  // An `error` event without a listener ends the process; one line an hour is enough for an outage.
  let lastWarnedAt = -Infinity;
  let isNews = true;
  redis.on('error', (err: Error) => {
    const now = performance.now();
    const first = now - lastWarnedAt > HOUR_MS;
    if (first) {
      lastWarnedAt = now;
      isNews = true;
    }
    logger[first ? 'warn' : 'debug']({ err }, 'redis connection failed');
  });
  redis.on('ready', () => {
    lastWarnedAt = -Infinity;
    // A replica makes us reconnect with every write that it refuses.
    logger[isNews ? 'info' : 'debug']('redis connected');
    isNews = false;
  });
  return redis;
}

/** Begins to connect; an absent Redis is not a reason to fail. */
export function connectRedis(redis: Redis): void {
  redis.connect().catch(() => undefined);
}

/** Milliseconds until Redis has answered. */
export async function pingRedis(redis: Redis): Promise<number> {
  const startedAt = performance.now();
  await redis.ping();
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
