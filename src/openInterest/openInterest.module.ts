import type { Request, Response } from 'express';
import type { Registry } from 'prom-client';
import type { Guest, Viewer } from '../access/access.types.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Bus } from '../platform/redis/bus.ts';
import type { Route } from '../platform/http/route.ts';
import type { Redis } from '../platform/redis/redis.ts';
import { watchRedis } from '../platform/redis/redisHealth.ts';
import type { Stores } from '../platform/database/stores.ts';
import type { Hello } from '../sockets/sockets.types.ts';
import { createAlertsRoutes } from './alerts/alerts.routes.ts';
import { createAlertsService } from './alerts/alerts.service.ts';
import { startBackground } from './openInterest.background.ts';
import { createBoard } from './board/board.ts';
import { createBroadcast } from './board/broadcast.ts';
import type { Diagnosis } from './operator/doctor/doctor.ts';
import type { DashboardLinks } from './operator/dashboard.routes.ts';
import { createLiquidUniverseRoutes } from './universe/universe.routes.ts';
import { createOpenInterestMetrics } from './operator/recorder/metrics.ts';
import { createMirror, noMirror } from './cluster/redisCopy.ts';
import { createOperations, type OperatedScene } from './operator/operations.ts';
import { createRecorder } from './operator/recorder/recorder.ts';
import { createNeighbours } from './cluster/clusterMessages.ts';
import type { Audience, Publisher } from './board/publisher.types.ts';
import { createHistoryRoutes } from './history/history.routes.ts';
import { hydrate } from './cluster/hydrate.ts';
import { createPast } from './board/past.ts';
import { createPersist } from './ingest/persist.ts';
import { createRepair } from './cluster/repair.ts';
import { createOpenInterestRoutes } from './openInterest.routes.ts';
import { createOpenInterestService } from './openInterest.service.ts';
import { createSnapshotBoards } from './board/snapshotBoards.ts';
import type { BoardBody, BoardPosition } from './openInterest.types.ts';
import { createUniverse } from './universe/universe.ts';
import { createViews } from './board/views.ts';

export type OpenInterestSettings = {
  realtimeEnabled: boolean;
  broadcastDebounceMs: number;
  broadcastMaxWaitMs: number;
  retentionDays: number;
};

export type OpenInterest = {
  routes: Route[];
  /** What doctor finds now. */
  diagnose(): Promise<Diagnosis>;
  /** Looks at an HTTP request that has come in, whatever becomes of it. */
  observe(request: Request, response: Response): void;
  /** Reads everything a node must hold before it may be asked. Safe to run again after a failure. */
  hydrate(): Promise<void>;
  /** Starts what runs by itself; each part pushes its own end. */
  start(releasers: Releasers): void;
  /** Publishes what waits. */
  flush(): void;
  /** What a connecting socket is told, and whom it belongs to. */
  hello(principal: Viewer | Guest): Hello & { audience: Audience };
  body(principal: Viewer | Guest, position: BoardPosition | null): BoardBody;
};

/** Composes the room: what it needs is handed in, what it offers is routes, boards and a life of its own. */
export function createOpenInterest(deps: {
  settings: OpenInterestSettings;
  links: DashboardLinks;
  stores: Stores;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  bus: Bus;
  /** `null`: one node alone. */
  redis: Redis | null;
  publisher: Publisher;
  production: boolean;
  issuerFault: OperatedScene['issuerFault'];
  version: string;
  requireOpen: () => void;
}): OpenInterest {
  const { settings, stores, clock, logger, redis, publisher } = deps;
  const metrics = createOpenInterestMetrics(deps.registry);
  const neighbours = createNeighbours({ bus: deps.bus, logger });
  const past = createPast();
  const board = createBoard({ past });
  const snapshots = createSnapshotBoards();
  const isMember = (symbol: string): boolean => universe.has(symbol);
  const recorder = createRecorder({
    clock,
    logger,
    metrics,
    isMember,
    isOnBoard: (symbol) => board.get(symbol) !== undefined,
  });
  const operations = createOperations({ db: stores.upkeep, clock, logger, board, recorder });
  const mirror = redis
    ? createMirror({ redis, clock, logger, onFailure: () => metrics.mirrorFailures.inc() })
    : noMirror;

  const universe = createUniverse({
    write: stores.write,
    upkeep: stores.upkeep,
    clock,
    onChange(members) {
      board.setVolumes(universe.volumes());
      broadcast.changed();
      mirror.putUniverse(members);
    },
    onUpdate: neighbours.tellUniverse,
  });

  const broadcast = createBroadcast({
    board,
    clock,
    quietMs: settings.broadcastDebounceMs,
    maxWaitMs: settings.broadcastMaxWaitMs,
    asOf: () => service.lastDataAt(),
    publish(update) {
      metrics.updates.inc();
      if (!settings.realtimeEnabled) return;
      publisher.update('realtime', update);
      recorder.published(update);
    },
  });

  const service = createOpenInterestService({
    persist: createPersist({ db: stores.write, clock }),
    board,
    universe,
    clock,
    recorder,
    past,
    retentionDays: settings.retentionDays,
    requireOpen: deps.requireOpen,
    onMerged(samples) {
      broadcast.changed();
      neighbours.tellSamples(samples);
    },
    onCommitted: (samples) => mirror.putSamples(samples.filter((it) => it.source !== 'backfill')),
  });

  const alerts = createAlertsService({
    write: stores.write,
    upkeep: stores.upkeep,
    clock,
    metrics,
    push: (alert) => void (settings.realtimeEnabled && publisher.alert(alert)),
    tellOthers: neighbours.tellAlert,
  });

  const repair = createRepair({
    db: stores.upkeep,
    board,
    clock,
    isMember,
    onRepaired: broadcast.changed,
    onTakenBack: broadcast.flush,
  });

  const views = createViews({
    realtime: board,
    snapshots,
    universe,
    clock,
    realtimeEnabled: settings.realtimeEnabled,
    lastDataAt: service.lastDataAt,
  });

  neighbours.listen({
    samples(samples) {
      service.mergeRemote(samples);
      recorder.remote(samples);
      broadcast.changed();
    },
    alerts,
    universe,
  });

  const scene: OperatedScene = {
    links: deps.links,
    universe,
    broadcast,
    broadcastMaxWaitMs: settings.broadcastMaxWaitMs,
    publisher,
    lastDataAt: service.lastDataAt,
    realtimeEnabled: settings.realtimeEnabled,
    databaseKind: stores.kind,
    databaseHealth: stores.watch.health,
    production: deps.production,
    issuerFault: deps.issuerFault,
    version: deps.version,
    redisHealth: redis && watchRedis(redis),
  };

  const parts = { clock, logger, board, past, snapshots, universe, repair, alerts };

  return {
    routes: [
      ...createOpenInterestRoutes({ service, views }),
      ...createHistoryRoutes({ db: stores.read, clock, board }),
      ...createLiquidUniverseRoutes({ universe, board, clock }),
      ...createAlertsRoutes({ db: stores.read, alerts }),
      ...operations.routes(scene),
    ],
    diagnose: () => operations.diagnose(scene),
    observe: recorder.observeRequest,

    async hydrate() {
      await hydrate({ ...parts, db: stores.read, mirror });
      await operations.load();
    },

    start(releasers) {
      const { retentionDays } = settings;
      startBackground(
        { ...parts, upkeep: stores.upkeep, metrics, broadcast, publisher, recorder, retentionDays },
        releasers,
      );
      operations.start(scene, releasers);
    },

    flush: broadcast.flush,

    hello: views.hello,
    body: views.body,
  };
}
