import { z } from 'zod';
import { createAccess, type Access } from '../access/access.module.ts';
import { AccessChange, type Viewer } from '../access/access.types.ts';
import { DATABASE_ATTEMPT_MS, setAddressAttemptTimeout } from '../kit/addressAttempts.ts';
import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import { createReleasers, type Releasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { every } from '../kit/loop.ts';
import { sleep } from '../kit/sleep.ts';
import { readVersion } from '../kit/version.ts';
import { createOpenInterest } from '../openInterest/openInterest.module.ts';
import { createDatabasePing } from '../platform/database/ping.ts';
import { createHttpApp } from '../platform/http/createHttpApp.ts';
import { createHttpMetrics } from '../platform/http/httpMetrics.ts';
import { createJsonBodyReader } from '../platform/http/jsonBody.ts';
import { mountRoutes } from '../platform/http/mountRoutes.ts';
import { createRateLimits } from '../platform/http/rateLimits.ts';
import type { Route } from '../platform/http/route.ts';
import { createSocketServer, type SocketServer } from '../sockets/server.ts';
import { createDocsRoutes, mountDocsAssets } from './docs.routes.ts';
import { createGate } from './gate.ts';
import { createHealthRoutes } from './health.routes.ts';
import { requireMigrated, untilDatabaseAnswers } from './readiness.ts';
import type { ServerConfig } from './config.ts';
import { createTimedServer } from './http.ts';
import { mountPages } from './pages.ts';
import { createServerRegistry, registerHealth, registerPools } from './serverMetrics.ts';
import { openRedis, openStores } from './stores.ts';

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

/** The composition root: opens what there is, hands it to the rooms, serves. */
export async function startServer(options: {
  /** With every secret in place. */
  config: ServerConfig;
  clock: Clock;
  logger: Logger;
}): Promise<RunningServer> {
  const { config, clock, logger } = options;
  setAddressAttemptTimeout(DATABASE_ATTEMPT_MS);
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
  const registry = createServerRegistry(version);

  const stores = await openStores(config, clock, logger, releasers);
  registerPools(registry, () => stores.watch.health().pools);
  const { redis, bus } = openRedis(config, clock, logger, releasers);
  const gate = createGate();
  const background = createReleasers(logger);

  // Sockets come last and are needed first: what happens before they are there has nobody to be told.
  let sockets: SocketServer | undefined;
  const access = createAccess({
    settings: { ...config.access, allowedOrigins: config.http.allowedOrigins },
    db: stores.upkeep,
    write: stores.write,
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
  const httpMetrics = createHttpMetrics(registry);
  const http = createTimedServer({
    logger,
    handle: (request, response) => void app(request, response),
    limits: { maxConnections: config.limits.maxConnections, onRefused: httpMetrics.countRefused },
  });
  sockets = createSocketServer({
    httpServer: http.server,
    settings: {
      allowedOrigins: config.http.allowedOrigins,
      socketsPerUser: config.limits.socketsPerUser,
      socketsPerIp: config.limits.socketsPerIp,
      trustProxyHops: config.http.trustProxyHops,
    },
    authenticate: access.authenticate,
    selectOptionalEnd: (viewer) => selectOptionalEnd(access, viewer),
    requireOpen: gate.requireOpen,
    boards: () => openInterest,
    clock,
    logger,
    registry,
  });

  const openInterest = createOpenInterest({
    settings: config.openInterest,
    links: config.links,
    stores,
    clock,
    logger,
    registry,
    bus,
    redis,
    publisher: sockets.publisher,
    production: config.production,
    issuerFault: access.issuerFault,
    version,
    requireOpen: gate.requireOpen,
  });

  registerHealth(registry, openInterest.diagnose);
  const ping = createDatabasePing(stores.upkeep, stores.watch, clock);
  const routes: Route[] = [
    ...createHealthRoutes({
      gate,
      database: ping,
      metrics: registry,
      clock,
      version,
      environment: config.production ? 'production' : 'development',
    }),
    ...access.routes,
    ...openInterest.routes,
  ];
  routes.push(...createDocsRoutes(routes, version));

  const limits = createRateLimits(config.limits);
  const app = createHttpApp({
    logger,
    metrics: {
      observe(request, response) {
        httpMetrics.observe(request, response);
        openInterest.observe(request, response);
      },
    },
    trustProxyHops: config.http.trustProxyHops,
    allowedOrigins: config.http.allowedOrigins,
    mount(app) {
      mountRoutes(app, routes, {
        identify: access.guards.identify,
        limits,
        readJsonBody: createJsonBodyReader(MAX_BODY_BYTES),
        requireStarted: gate.requireStarted,
        clock,
      });
      // What is no route is for browsers: files, pages, and what is not there.
      if (limits.read) app.use(limits.read);
      mountDocsAssets(app);
      mountPages(app);
    },
  });

  const port = await http.listen(config.http);
  const down = new AbortController();
  const ready = becomeReady();
  // Whoever does not wait for readiness still must not be ended by its failure; main waits.
  ready.catch(() => undefined);

  async function becomeReady(): Promise<void> {
    await untilDatabaseAnswers({
      down: down.signal,
      clock,
      logger,
      async task() {
        await requireMigrated(stores.upkeep);
        await access.load();
        await openInterest.hydrate();
        await ping.ping();
      },
    });
    if (down.signal.aborted) return;
    openInterest.start(background);
    const loops = { clock, logger, releasers: background };
    every(loops, 'access changes', MINUTE_MS, access.changes.reload);
    every(loops, 'database ping', 2 * SECOND_MS, ping.ping);
    gate.open();
    logger.info({ port }, 'ready');
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    gate.drain();
    logger.info({ drainMs: config.drainMs }, 'draining: not ready, new chunks are refused');
    down.abort();
    await ready.catch(() => undefined);
    // A balancer goes on sending until it has looked again.
    await sleep(clock, config.drainMs);
    openInterest.flush();
    await sockets?.close();
    logger.info('sockets closed');
    // Side by side: each may have to wait for a database that does not answer.
    await Promise.all([background.releaseAll(), http.close()]);
    logger.info('background work and requests ended');
    await releasers.releaseAll();
    logger.info('stores closed');
  }

  return {
    port,
    routes,
    ready,
    close: () => (closing ??= close()),
  };
}

/** Whether the viewer's access has changed since they were identified, and how. */
function selectOptionalEnd(access: Access, viewer: Viewer): 'tier_changed' | 'revoked' | null {
  try {
    return access.changes.judge(viewer).tier === viewer.tier ? null : 'tier_changed';
  } catch {
    return 'revoked';
  }
}
