import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type pg from 'pg';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { z } from 'zod';
import { createAccess, type Access } from '../access/access.module.ts';
import { AccessChange } from '../access/access.types.ts';
import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import { coerceError } from '../kit/errors.ts';
import { createReleasers, type Releasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { startLoop } from '../kit/loop.ts';
import { createOpenInterest } from '../openInterest/openInterest.module.ts';
import { createBus, silentBus, type Bus } from '../platform/bus.ts';
import { startEmbeddedPostgres } from '../platform/embedded/embeddedPostgres.ts';
import { createHttpApp } from '../platform/http/createHttpApp.ts';
import { createHttpMetrics } from '../platform/http/httpMetrics.ts';
import { createJsonBodyReader } from '../platform/http/jsonBody.ts';
import { mountRoutes } from '../platform/http/mountRoutes.ts';
import { createRateLimits } from '../platform/http/rateLimits.ts';
import type { Route } from '../platform/http/route.ts';
import { listPendingMigrations, runMigrations } from '../platform/migrations.ts';
import { createPool } from '../platform/postgres.ts';
import { connectRedis, createRedis, type Redis } from '../platform/redis.ts';
import { isTransientSqlState } from '../platform/transientSqlState.ts';
import { createSocketServer, type SocketServer } from '../sockets/sockets.server.ts';
import { createDocsRoutes, mountDocsAssets } from './docs.routes.ts';
import { createGate } from './gate.ts';
import { createDatabasePing, createHealthRoutes } from './health.routes.ts';
import type { ServerConfig } from './server.config.ts';

export type RunningServer = {
  /** The port that was given, or the free one that was found for 0. */
  port: number;
  /** Every route that is served, for the API document and the tests of it. */
  routes: readonly Route[];
  /** Settles when the node holds what the database held; rejects when it never can. */
  ready: Promise<void>;
  /** Ends everything in order; may be called twice. */
  close(): Promise<void>;
};

const MAX_BODY_BYTES = 256 * 1_024;
const HYDRATE_RETRY_MS = SECOND_MS;
/** Requests under way get this long when the server goes down. */
const DRAIN_MS = 5 * SECOND_MS;

/** A database whose tables are not those of this build. */
export class UnmigratedDatabaseError extends Error {
  override readonly name = 'UnmigratedDatabaseError';
}

/** The composition root: opens what there is, hands it to the rooms, serves. */
export async function startServer(options: {
  /** With every secret in place. */
  config: ServerConfig;
  clock: Clock;
  logger: Logger;
}): Promise<RunningServer> {
  const { config, clock, logger } = options;
  const releasers = createReleasers(logger);
  try {
    return await compose(config, clock, logger, releasers);
  } catch (thrown) {
    await releasers.releaseAll();
    throw thrown;
  }
}

async function compose(
  config: ServerConfig,
  clock: Clock,
  logger: Logger,
  releasers: Releasers,
): Promise<RunningServer> {
  const version = readVersion();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  const database = await openDatabase(config, logger, releasers);
  const { redis, bus } = openRedis(config, logger, releasers);
  const gate = createGate();

  // Sockets come last and are needed first: what happens before they are there has nobody to be told.
  let sockets: SocketServer | undefined;
  const access = createAccess({
    settings: { ...config.access, allowedOrigins: config.http.allowedOrigins },
    db: database.pool,
    clock,
    publish: (change) => bus.publish('access', change),
    onSignOut(sessionId) {
      sockets?.endSession(sessionId);
      bus.publish('signout', { sessionId });
    },
  });
  access.changes.onChange((change) => sockets?.endSubject(change));
  bus.subscribe('access', AccessChange, access.changes.applyRemote);
  bus.subscribe('signout', z.object({ sessionId: z.string() }), (it) => sockets?.endSession(it.sessionId));

  // Socket.IO takes over the requests of its path from whoever listened before it, so the app's place is taken here.
  const httpServer = createTimedServer((request, response) => void app(request, response));
  sockets = createSocketServer({
    httpServer,
    settings: {
      allowedOrigins: config.http.allowedOrigins,
      socketsPerUser: config.limits.socketsPerUser,
      socketsPerIp: config.limits.socketsPerIp,
      trustProxyHops: config.http.trustProxyHops,
    },
    authenticate: access.authenticate,
    isCurrent: (viewer) => isCurrent(access, viewer),
    requireOpen: gate.requireOpen,
    boards: () => openInterest,
    clock,
    logger,
    registry,
  });

  const openInterest = createOpenInterest({
    settings: config.openInterest,
    pool: database.pool,
    clock,
    logger,
    registry,
    bus,
    redis,
    publisher: sockets.publisher,
    databaseKind: database.kind,
    version,
    requireOpen: gate.requireOpen,
  });

  const ping = createDatabasePing(database.pool, clock);
  const routes: Route[] = [
    ...createHealthRoutes({
      gate,
      database: ping,
      registry,
      clock,
      version,
      environment: config.production ? 'production' : 'development',
    }),
    ...access.routes,
    ...openInterest.routes,
  ];
  routes.push(...createDocsRoutes(routes, version));

  const app = createHttpApp({
    logger,
    metrics: createHttpMetrics(registry),
    trustProxyHops: config.http.trustProxyHops,
    allowedOrigins: config.http.allowedOrigins,
    mount(app) {
      mountRoutes(app, routes, {
        identify: access.guards.identify,
        limits: createRateLimits(config.limits),
        readJsonBody: createJsonBodyReader(MAX_BODY_BYTES),
        clock,
      });
      mountDocsAssets(app);
    },
  });

  const port = await listen(httpServer, config);
  const down = new AbortController();
  const ready = becomeReady();
  // Whoever does not wait for readiness still must not be ended by its failure; main waits.
  ready.catch(() => undefined);

  async function becomeReady(): Promise<void> {
    await untilDatabaseAnswers(down.signal, logger, async () => {
      await requireMigrated(database.pool);
      await access.load();
      await openInterest.hydrate();
      await ping.ping();
    });
    if (down.signal.aborted) return;
    openInterest.start(releasers);
    keepCurrent('access changes', MINUTE_MS, () => access.changes.reload());
    keepCurrent('database ping', 2 * SECOND_MS, () => ping.ping());
    gate.open();
    logger.info({ port }, 'ready');
  }

  function keepCurrent(name: string, everyMs: number, task: () => Promise<void>): void {
    const loop = startLoop({
      clock,
      everyMs,
      task,
      onError: (err) => logger.warn({ err, loop: name }, 'background work failed, will be tried again'),
    });
    releasers.push(name, () => loop.stop());
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    gate.drain();
    down.abort();
    await ready.catch(() => undefined);
    openInterest.flush();
    await sockets?.close();
    await closeHttp(httpServer);
    await releasers.releaseAll();
  }

  return {
    port,
    routes,
    ready,
    close: () => (closing ??= close()),
  };
}

async function openDatabase(
  config: ServerConfig,
  logger: Logger,
  releasers: Releasers,
): Promise<{ pool: pg.Pool; kind: 'embedded' | 'external' }> {
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
  }
  const pool = createPool({ url, max: config.database.poolMax, logger });
  releasers.push('postgres pool', () => pool.end());
  return { pool, kind: config.database.url === undefined ? 'embedded' : 'external' };
}

function openRedis(
  config: ServerConfig,
  logger: Logger,
  releasers: Releasers,
): { redis: Redis | null; bus: Bus } {
  if (config.redisUrl === undefined) return { redis: null, bus: silentBus };
  const redis = createRedis({ url: config.redisUrl, logger, role: 'commands' });
  const subscriber = createRedis({ url: config.redisUrl, logger, role: 'subscriber' });
  releasers.push('redis', () => {
    redis.disconnect();
    subscriber.disconnect();
  });
  connectRedis(redis);
  connectRedis(subscriber);
  return { redis, bus: createBus({ publisher: redis, subscriber, logger }) };
}

/** Slow senders are cut off; idle pollers, which post every few seconds to every half minute, keep their connection. */
function createTimedServer(handle: RequestListener): HttpServer {
  const timing = {
    requestTimeout: 15 * SECOND_MS,
    headersTimeout: 10 * SECOND_MS,
    connectionsCheckingInterval: SECOND_MS,
    keepAliveTimeout: 65 * SECOND_MS,
  };
  return createServer(timing, handle);
}

function listen(server: HttpServer, config: ServerConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.http.port, config.http.host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function closeHttp(server: HttpServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(cutOff);
}

async function requireMigrated(pool: pg.Pool): Promise<void> {
  const pending = await listPendingMigrations(pool);
  if (pending.length === 0) return;
  throw new UnmigratedDatabaseError(
    `The database lacks ${pending.length} migrations (${pending.join(', ')}). Run: npm run migrate`,
  );
}

/** A database that is away is waited for; whatever else is wrong with it is final. */
async function untilDatabaseAnswers(
  down: AbortSignal,
  logger: Logger,
  task: () => Promise<void>,
): Promise<void> {
  while (!down.aborted) {
    try {
      await task();
      return;
    } catch (thrown) {
      if (!isTransientSqlState(thrown)) throw thrown;
      logger.warn({ err: coerceError(thrown) }, 'the database does not answer, trying again');
      await new Promise((resolve) => setTimeout(resolve, HYDRATE_RETRY_MS));
    }
  }
}

function isCurrent(access: Access, viewer: Parameters<Access['changes']['judge']>[0]): boolean {
  try {
    return access.changes.judge(viewer).tier === viewer.tier;
  } catch {
    return false;
  }
}

function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
