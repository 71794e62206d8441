import type { Releasers } from '../../kit/lifecycle.ts';
import type { Redis } from '../../platform/redis/redis.ts';
import { watchRedis } from '../../platform/redis/redisHealth.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { createBeats } from './collectors/beats.ts';
import { createHeartbeats } from './collectors/heartbeats.ts';
import { createDashboardRoutes, type DashboardLinks } from './dashboard.routes.ts';
import { createDebugRoutes } from './debug/debug.routes.ts';
import { diagnose } from './doctor/doctor.ts';
import { gatherDoctorFacts, type DoctorFactsDeps } from './doctor/facts.ts';
import { createOperatorRoutes } from './operator.routes.ts';
import { startSilenceLoop } from './outages/outageLoop.ts';
import { createSilences } from './outages/outages.ts';
import { watchEventLoop } from './recorder/eventLoop.ts';
import { startIngestSummary } from './recorder/ingestSummary.ts';

export type OperationsDeps = Pick<DoctorFactsDeps, 'production' | 'issuerFault'> & {
  /** `null`: not configured. */
  redis: Redis | null;
  version: string;
  links: DashboardLinks;
};

/** Doctor, trace, the debug page and the collectors' heartbeats: everything that only reads what the others do. */
export function createOperations(ctx: OpenInterestContext, deps: OperationsDeps) {
  const { clock, logger, stores, settings, recorder } = ctx;
  const beats = createBeats();
  const heartbeats = createHeartbeats({ db: stores.upkeep, clock, beats });
  const silences = createSilences();
  const operated = {
    ...deps,
    db: stores.upkeep,
    clock,
    logger,
    startedAt: clock.now(),
    board: ctx.board,
    universe: ctx.universe,
    broadcast: ctx.window,
    broadcastMaxWaitMs: settings.broadcastMaxWaitMs,
    publisher: ctx.publisher,
    socketTraffic: ctx.publisher.traffic,
    realtimeEnabled: settings.realtimeEnabled,
    databaseKind: stores.kind,
    databaseHealth: stores.watch.health,
    redisHealth: deps.redis && watchRedis(deps.redis),
    recorder,
    heartbeats,
    beats,
    silences,
    eventLoop: watchEventLoop(),
    lastDataAt: () => ctx.feed.lastDataAt,
  };

  return {
    routes: [
      ...createOperatorRoutes(operated),
      ...createDashboardRoutes(operated),
      ...createDebugRoutes(operated),
    ],
    diagnose: async () => diagnose(await gatherDoctorFacts(operated, '')),
    /** Reads the heartbeats that arrived at other nodes before this one started. */
    load: async (): Promise<void> => void (await heartbeats.selectAll()),
    start(releasers: Releasers): void {
      startIngestSummary({ clock, logger, ingestLog: recorder.ingestLog }, releasers);
      startSilenceLoop({ ...recorder, ...operated }, releasers);
    },
  };
}
