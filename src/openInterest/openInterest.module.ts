import type pg from 'pg';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Guest, Viewer } from '../access/access.types.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Bus } from '../platform/bus.ts';
import type { Route } from '../platform/http/route.ts';
import type { Redis } from '../platform/redis.ts';
import { createAlertsRoutes } from './openInterest.alerts.routes.ts';
import { createAlertsService } from './openInterest.alerts.service.ts';
import { PULSE_MS, startBackground } from './openInterest.background.ts';
import { createBoard } from './openInterest.board.ts';
import { createBroadcast } from './openInterest.broadcast.ts';
import { createHeartbeats } from './openInterest.heartbeats.ts';
import { createIngestLog } from './openInterest.ingestLog.ts';
import { createLiquidUniverseRoutes } from './openInterest.liquidUniverse.routes.ts';
import { createOpenInterestMetrics } from './openInterest.metrics.ts';
import { createMirror, noMirror } from './openInterest.mirror.ts';
import { createOperatorRoutes } from './openInterest.operator.routes.ts';
import { maintainPartitions } from './openInterest.partitions.ts';
import type { Audience, Publisher } from './openInterest.publisher.types.ts';
import { createRepair } from './openInterest.repair.ts';
import { createOpenInterestRoutes } from './openInterest.routes.ts';
import { createOpenInterestService } from './openInterest.service.ts';
import {
  SNAPSHOT_EVERY_MS,
  createSnapshotBoards,
  snapshotMarkBefore,
} from './openInterest.snapshotBoards.ts';
import { selectBoardAt } from './openInterest.snapshots.repository.ts';
import { createTrace } from './openInterest.trace.ts';
import { OpenInterestAlert, Source, type BoardBody, type BoardPosition } from './openInterest.types.ts';
import { createUniverse } from './openInterest.universe.ts';
import { createViews } from './openInterest.views.ts';

export type OpenInterestSettings = {
  realtimeEnabled: boolean;
  broadcastDebounceMs: number;
  broadcastMaxWaitMs: number;
  retentionDays: number;
};

export type OpenInterest = {
  routes: Route[];
  /** Reads everything a node must hold before it may be asked. Safe to run again after a failure. */
  hydrate(): Promise<void>;
  /** Starts what runs by itself; each part pushes its own end. */
  start(releasers: Releasers): void;
  /** Publishes what waits. */
  flush(): void;
  hello(principal: Viewer | Guest): {
    audience: Audience;
    epoch: string;
    seq: number;
    serverTime: number;
    tier: Viewer['tier'];
    role: Viewer['role'];
    mode: 'realtime' | 'snapshot';
    pulseSec: number;
    snapshotEverySec: number;
  };
  body(principal: Viewer | Guest, position: BoardPosition | null): BoardBody;
};

const RemoteSamples = z.array(
  z.object({
    symbol: z.string().min(1).max(64),
    openInterest: z.number(),
    openInterestUsd: z.number().nullable(),
    markPrice: z.number().nullable(),
    fundingRate: z.number().nullable(),
    ts: z.number(),
    source: Source,
  }),
);

/** Composes the room: what it needs is handed in, what it offers is routes, boards and a life of its own. */
export function createOpenInterest(deps: {
  settings: OpenInterestSettings;
  pool: pg.Pool;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  bus: Bus;
  /** `null`: one node alone. */
  redis: Redis | null;
  publisher: Publisher;
  databaseKind: 'embedded' | 'external';
  version: string;
  requireOpen: () => void;
}): OpenInterest {
  const { settings, pool, clock, logger, bus, redis, publisher } = deps;
  const metrics = createOpenInterestMetrics(deps.registry);
  const board = createBoard();
  const snapshots = createSnapshotBoards();
  const trace = createTrace();
  const ingestLog = createIngestLog();
  const mirror = redis
    ? createMirror({ redis, logger, onFailure: () => metrics.mirrorFailures.inc() })
    : noMirror;
  const heartbeats = createHeartbeats({ db: pool, clock });

  const universe = createUniverse({
    pool,
    clock,
    onChange(members) {
      board.setVolumes(universe.volumes());
      broadcast.changed();
      mirror.putUniverse(members);
    },
  });

  const broadcast = createBroadcast({
    board,
    clock,
    quietMs: settings.broadcastDebounceMs,
    maxWaitMs: settings.broadcastMaxWaitMs,
    asOf: () => service.lastDataAt(),
    publish(update) {
      metrics.updates.inc();
      if (settings.realtimeEnabled) publisher.update('realtime', update);
      trace.broadcast(
        update.rows.map((row) => row.symbol),
        update.serverTime,
        update.seq,
      );
    },
  });

  const service = createOpenInterestService({
    db: pool,
    board,
    clock,
    logger,
    metrics,
    ingestLog,
    trace,
    retentionDays: settings.retentionDays,
    requireOpen: deps.requireOpen,
    onMerged(samples) {
      broadcast.changed();
      bus.publish('samples', samples);
    },
    onCommitted: (samples) => mirror.putSamples(samples.filter((it) => it.source !== 'backfill')),
  });

  const alerts = createAlertsService({
    db: pool,
    clock,
    metrics,
    push: (alert) => {
      if (settings.realtimeEnabled) publisher.alert(alert);
    },
    tellOthers: (alert) => bus.publish('alerts', alert),
  });

  const repair = createRepair({
    db: pool,
    board,
    clock,
    isMember: universe.has,
    onRepaired: () => broadcast.changed(),
  });

  const views = createViews({
    realtime: board,
    snapshots,
    universe,
    clock,
    realtimeEnabled: settings.realtimeEnabled,
    lastDataAt: service.lastDataAt,
  });

  bus.subscribe('samples', RemoteSamples, (samples) => {
    service.mergeRemote(samples);
    broadcast.changed();
  });
  bus.subscribe('alerts', OpenInterestAlert, alerts.pushRemote);

  return {
    routes: [
      ...createOpenInterestRoutes({ db: pool, clock, service, views, board }),
      ...createLiquidUniverseRoutes({ universe, board, clock }),
      ...createAlertsRoutes({ db: pool, alerts }),
      ...createOperatorRoutes({
        db: pool,
        clock,
        startedAt: clock.now(),
        board,
        universe,
        heartbeats,
        ingestLog,
        broadcast,
        publisher,
        trace,
        realtimeEnabled: settings.realtimeEnabled,
        databaseKind: deps.databaseKind,
        version: deps.version,
        pingRedis: redis && (() => pingRedis(redis)),
      }),
    ],

    async hydrate() {
      await maintainPartitions(pool, clock.now(), settings.retentionDays);
      await universe.load();
      await repair.readAll();
      await alerts.repair();
      const mark = snapshotMarkBefore(clock.now());
      snapshots.take(mark, await selectBoardAt(pool, new Date(mark)), universe.volumes());
      snapshots.all.publish();
      snapshots.top.publish();
      // Last, so that what a slow Redis holds can only add to what Postgres has told.
      service.mergeRemote(await mirror.selectSamples());
      board.publish();
      logger.info({ symbols: board.size(), universe: universe.members().length }, 'board hydrated');
    },

    start(releasers) {
      startBackground(
        {
          pool,
          clock,
          logger,
          metrics,
          board,
          snapshots,
          universe,
          alerts,
          repair,
          broadcast,
          publisher,
          trace,
          retentionDays: settings.retentionDays,
        },
        releasers,
      );
    },

    flush: broadcast.flush,

    hello(principal) {
      const { board: seen, audience, mode } = views.viewOf(principal);
      return {
        audience,
        epoch: seen.epoch,
        seq: seen.seq(),
        serverTime: clock.now(),
        tier: principal.kind === 'viewer' ? principal.tier : 'free',
        role: principal.kind === 'viewer' ? principal.role : 'user',
        mode,
        pulseSec: PULSE_MS / SECOND_MS,
        snapshotEverySec: SNAPSHOT_EVERY_MS / SECOND_MS,
      };
    },

    body: views.body,
  };
}

async function pingRedis(redis: Redis): Promise<number> {
  const startedAt = performance.now();
  await redis.ping();
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
