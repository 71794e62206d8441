import path from 'node:path';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { startLoop } from '../kit/loop.ts';
import { createBus, silentBus, type Bus } from '../platform/redis/bus.ts';
import { startEmbeddedPostgres } from '../platform/embedded/embeddedPostgres.ts';
import { runMigrations } from '../platform/database/migrations.ts';
import { createDatabase, type Database, type DatabaseOptions } from '../platform/database/database.ts';
import { createDatabaseHealth } from '../platform/database/health.ts';
import type { Stores } from '../platform/database/stores.ts';
import { connectRedis, createRedis, type Redis } from '../platform/redis/redis.ts';
import type { ServerConfig } from './config.ts';

/** A subscriber only listens, so a dead line looks like silence to it unless it asks now and then. */
const SUBSCRIBER_PING_MS = 10 * SECOND_MS;

/** A week of history may take longer than a chunk; with a second for the connection, no reader waits more than 5 s. */
const READ_LIMITS = { statementMs: 3_500, answerMs: 4_000 };

/** Postgres: the one that is named, or one of our own, brought up to date, in the data directory. */
export async function openStores(
  config: ServerConfig,
  clock: Clock,
  logger: Logger,
  releasers: Releasers,
): Promise<Stores> {
  let url = config.database.url;
  if (url === undefined) {
    const embedded = await startEmbeddedPostgres({
      dir: path.join(config.dataDir, 'postgres'),
      database: 'open_interest',
      logger,
    });
    releasers.push('embedded postgres', () => embedded.stop());
    url = embedded.url;
    const applied = await runMigrations({ url, logger });
    logger.info({ applied: applied.length, dir: config.dataDir }, 'embedded postgres started');
    if (config.production) {
      logger.warn(
        { dir: path.resolve(config.dataDir) },
        'NODE_ENV is production and DATABASE_URL is not set: history lives in DATA_DIR and ends with the disk of this machine',
      );
    }
  }
  const watch = createDatabaseHealth({ clock });
  const open = (options: Omit<DatabaseOptions, 'url' | 'logger'>): Database => {
    const database = createDatabase({ ...options, url, logger });
    releasers.push(`postgres pool ${options.name}`, () => database.end());
    watch.watch(database);
    return database;
  };
  const max = shareConnections(config.database.poolMax);
  const write = open({ name: 'write', max: max.write, onOutcome: watch.observeWrite });
  const read = open({ name: 'read', max: max.read, limits: READ_LIMITS });
  const upkeep = max.upkeep === 0 ? write : open({ name: 'upkeep', max: max.upkeep });
  return { write, read, upkeep, watch, kind: config.database.url === undefined ? 'embedded' : 'external' };
}

/** Of two connections none can be kept for upkeep: it shares the one of ingest. */
function shareConnections(max: number): { write: number; read: number; upkeep: number } {
  const upkeep = max < 3 ? 0 : max < 8 ? 1 : 2;
  const read = Math.max(1, Math.floor((max - upkeep) * 0.4));
  return { write: max - upkeep - read, read, upkeep };
}

/** Redis, if one is named. It may be away now and always: nothing waits for it. */
export function openRedis(
  config: ServerConfig,
  clock: Clock,
  logger: Logger,
  releasers: Releasers,
): { redis: Redis | null; bus: Bus } {
  if (config.redisUrl === undefined) return { redis: null, bus: silentBus };
  const redis = createRedis({ url: config.redisUrl, logger, role: 'commands' });
  const subscriber = createRedis({ url: config.redisUrl, logger, role: 'subscriber' });
  const watch = startLoop({
    clock,
    everyMs: SUBSCRIBER_PING_MS,
    task: async () => void (await subscriber.ping()),
    // The client itself has said that Redis is away.
    onError: () => undefined,
  });
  releasers.push('redis', async () => {
    await watch.stop();
    redis.disconnect();
    subscriber.disconnect();
  });
  connectRedis(redis);
  connectRedis(subscriber);
  return { redis, bus: createBus({ publisher: redis, subscriber, logger }) };
}
