import { DATABASE_ATTEMPT_MS, setAddressAttemptTimeout } from '../kit/addressAttempts.ts';
import type { Clock } from '../kit/clock.ts';
import { createReleasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { createProgramRegistry } from '../kit/metrics.ts';
import { sleep } from '../kit/sleep.ts';
import { readVersion } from '../kit/version.ts';
import { createOpenInterest, type OpenInterest } from '../openInterest/openInterest.module.ts';
import { createDatabasePing } from '../platform/database/ping.ts';
import { createHttpMetrics } from '../platform/http/httpMetrics.ts';
import type { SocketServer } from '../sockets/server.ts';
import { openAccess, openSockets, syncAccess } from './accessAndSockets.ts';
import type { ServerConfig } from './config.ts';
import { createTimedServer, type TimedServer } from './http.ts';
import { createNodeState } from './nodeState.ts';
import { becomeReady } from './readiness.ts';
import { createServerApp, listRoutes } from './routes.ts';
import type { ServerContext } from './server.context.ts';
import { registerHealth, registerPools } from './serverMetrics.ts';
import { openRedis, openStores } from './stores.ts';

export type RunningServer = Awaited<ReturnType<typeof startServer>>;

/** Opens the stores, composes the rooms and serves them. `config` must be complete with secrets. */
export async function startServer(options: { config: ServerConfig; clock: Clock; logger: Logger }) {
  setAddressAttemptTimeout(DATABASE_ATTEMPT_MS);
  const version = readVersion();
  const context: ServerContext = {
    ...options,
    version,
    registry: createProgramRegistry('server', version),
    node: createNodeState(),
    releasers: createReleasers(options.logger),
    background: createReleasers(options.logger),
  };
  try {
    return await compose(context);
  } catch (thrown) {
    await context.releasers.releaseAll();
    throw thrown;
  }
}

async function compose(context: ServerContext) {
  const { config, clock, logger, registry, node, version } = context;
  const stores = await openStores(context);
  const { redis, bus } = openRedis(context);
  const ping = createDatabasePing(stores.upkeep, stores.watch, clock);
  const httpMetrics = createHttpMetrics(registry);
  // Socket.IO intercepts the requests of its path before the listeners that were there first, so `app` is one of those.
  const http = createTimedServer({
    logger,
    handle: (request, response) => void app(request, response),
    limits: { maxConnections: config.limits.maxConnections, onRefused: httpMetrics.countRefused },
  });
  const access = openAccess(
    context,
    stores,
    bus,
    () => sockets,
    () => openInterest,
  );
  const sockets = openSockets(context, http.server, access, () => openInterest);
  syncAccess(access, bus, sockets);
  const openInterest = createOpenInterest({
    settings: config.openInterest,
    delivery: config.delivery,
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
    isDraining: () => node.current() === 'draining',
    requireOpen: node.requireOpen,
  });
  registerPools(registry, () => stores.watch.health().pools);
  registerHealth(registry, openInterest.diagnose);
  const routes = listRoutes(context, ping, [...access.routes, ...openInterest.routes, ...sockets.routes]);
  const observers = [httpMetrics.observe, openInterest.observe];
  const app = createServerApp(context, { routes, observers, identify: access.guards.identify });

  const port = await http.listen(config.http);
  const down = new AbortController();
  const ready = becomeReady({ ...context, db: stores.upkeep, access, openInterest, ping, port }, down.signal);
  // Callers that do not await `ready` must not be ended by its rejection.
  ready.catch(() => undefined);
  let closing: Promise<void> | undefined;

  return {
    /** The configured port, or the free one that was found for port 0. */
    port,
    /** All served routes, for the API document and its tests. */
    routes,
    /** Settles when the node holds the rows of the database; rejects if it never can. */
    ready,
    /** Ends everything in order. Further calls return the same promise. */
    close: (): Promise<void> =>
      (closing ??= closeServer({ ...context, down, ready, openInterest, sockets, http })),
  };
}

async function closeServer(
  running: ServerContext & {
    down: AbortController;
    ready: Promise<void>;
    openInterest: OpenInterest;
    sockets: SocketServer;
    http: TimedServer;
  },
): Promise<void> {
  const { config, clock, logger } = running;
  running.node.drain();
  logger.info({ drainMs: config.drainMs }, 'draining: not ready, new chunks are refused');
  running.down.abort();
  await running.ready.catch(() => undefined);
  // A balancer sends requests until its next health check.
  await sleep(clock, config.drainMs);
  running.openInterest.flush();
  await running.sockets.close();
  logger.info('sockets closed');
  // Concurrently: each may have to wait for a database that does not answer.
  await Promise.all([running.background.releaseAll(), running.http.close()]);
  logger.info('background tasks and requests ended');
  await running.releasers.releaseAll();
  logger.info('stores closed');
}
