import path from 'node:path';
import { SECOND_MS } from '../kit/clock.ts';
import { startLoop } from '../kit/loop.ts';
import { createBus, silentBus, type Bus } from '../platform/redis/bus.ts';
import { startEmbeddedPostgres } from '../platform/embedded/embeddedPostgres.ts';
import { runMigrations } from '../platform/database/migrations.ts';
import { createDatabase, type Database, type DatabaseOptions } from '../platform/database/database.ts';
import { createDatabaseHealth } from '../platform/database/health.ts';
import type { Stores } from '../platform/database/stores.ts';
import { connectRedis, createRedis, type Redis } from '../platform/redis/redis.ts';
import type { ServerContext } from './server.context.ts';

/** A subscriber only reads, so it notices a dead connection only by pinging. */
const SUBSCRIBER_PING_MS = 10 * SECOND_MS;

/** A week of history takes longer than a chunk. With a second for the connection, a read ends within 5 s. */
const READ_LIMITS = { statementMs: 3_500, answerMs: 4_000 };

/** Opens the pools of DATABASE_URL, or of the embedded Postgres in DATA_DIR. */
export async function openStores(context: ServerContext): Promise<Stores> {
  const { config, clock, logger, releasers } = context;
  const url = config.database.url ?? (await openEmbedded(context));
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
  return {
    write,
    read,
    upkeep,
    url,
    watch,
    kind: config.database.url === undefined ? 'embedded' : 'external',
  };
}

/** Starts the embedded Postgres, migrates it and answers its address. */
async function openEmbedded({ config, logger, releasers }: ServerContext): Promise<string> {
  const { url, stop } = await startEmbeddedPostgres({
    dir: path.join(config.dataDir, 'postgres'),
    database: 'open_interest',
    logger,
  });
  releasers.push('embedded postgres', stop);
  const applied = await runMigrations({ url, logger });
  logger.info({ applied: applied.length, dir: config.dataDir }, 'embedded postgres started');
  if (config.production) {
    logger.warn(
      { dir: path.resolve(config.dataDir) },
      'NODE_ENV is production and DATABASE_URL is not set: history is stored in DATA_DIR, on the disk of this machine only',
    );
  }
  return url;
}

/** With one or two connections, upkeep shares that of ingest. */
function shareConnections(max: number): { write: number; read: number; upkeep: number } {
  const upkeep = max < 3 ? 0 : max < 8 ? 1 : 2;
  const read = Math.max(1, Math.floor((max - upkeep) * 0.4));
  return { write: max - upkeep - read, read, upkeep };
}

/** Connects to Redis if REDIS_URL is set. Nothing waits for it: it may be unavailable at any time. */
export function openRedis({ config, clock, logger, releasers }: ServerContext): {
  redis: Redis | null;
  bus: Bus;
} {
  if (config.redisUrl === undefined) return { redis: null, bus: silentBus };
  const redis = createRedis({ url: config.redisUrl, logger, role: 'commands' });
  const subscriber = createRedis({ url: config.redisUrl, logger, role: 'subscriber' });
  const pings = startLoop({
    clock,
    everyMs: SUBSCRIBER_PING_MS,
    task: () => subscriber.ping(),
    // The client logs its own connection faults.
    onError: () => undefined,
  });
  releasers.push('redis', async () => {
    await pings.stop();
    redis.disconnect();
    subscriber.disconnect();
  });
  connectRedis(redis);
  connectRedis(subscriber);
  return { redis, bus: createBus({ publisher: redis, subscriber, logger }) };
}
