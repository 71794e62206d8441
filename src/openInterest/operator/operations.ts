import type { Clock } from '../../kit/clock.ts';
import type { Releasers } from '../../kit/lifecycle.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Route } from '../../platform/http/route.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { createBeats } from './collectors/beats.ts';
import type { Board } from '../board/board.ts';
import { createDashboardRoutes, type DashboardLinks } from './dashboard.routes.ts';
import { createDebugRoutes } from './debug/debug.routes.ts';
import { diagnose, type Diagnosis } from './doctor/doctor.ts';
import { gatherDoctorFacts, type DoctorFactsDeps } from './doctor/facts.ts';
import { watchEventLoop } from './recorder/eventLoop.ts';
import { createHeartbeats } from './collectors/heartbeats.ts';
import { startIngestSummary } from './recorder/ingestSummary.ts';
import { createOperatorRoutes } from './operator.routes.ts';
import { startSilenceLoop } from './outages/outageLoop.ts';
import { createSilences } from './outages/outages.ts';
import type { Recorder } from './recorder/recorder.ts';

/** What operators are told: the instruments that watch the others at work, and the routes that read them. */
export type Operations = {
  /** Reads what other nodes were told before this one started. */
  load(): Promise<void>;
  /** What doctor finds now. */
  diagnose(scene: OperatedScene): Promise<Diagnosis>;
  routes(scene: OperatedScene): Route[];
  start(scene: OperatedScene, releasers: Releasers): void;
};

/** What is watched, and where it stands. */
export type OperatedScene = Pick<
  DoctorFactsDeps,
  | 'universe'
  | 'broadcast'
  | 'broadcastMaxWaitMs'
  | 'publisher'
  | 'realtimeEnabled'
  | 'databaseKind'
  | 'databaseHealth'
  | 'production'
  | 'issuerFault'
  | 'redisHealth'
> & {
  version: string;
  links: DashboardLinks;
  /** When the newest data came in, here or on another node. */
  lastDataAt: () => number | null;
};

export function createOperations(deps: {
  db: Queryable;
  clock: Clock;
  logger: Logger;
  board: Board;
  recorder: Recorder;
}): Operations {
  const { db, clock, logger, board, recorder } = deps;
  const startedAt = clock.now();
  const beats = createBeats();
  const heartbeats = createHeartbeats({ db, clock, beats });
  const silences = createSilences();
  const instruments = {
    db,
    clock,
    startedAt,
    board,
    recorder,
    heartbeats,
    eventLoop: watchEventLoop(),
  };

  return {
    load: async () => void (await heartbeats.selectAll()),
    diagnose: async (scene) => diagnose(await gatherDoctorFacts({ ...instruments, ...scene }, '')),
    routes: (scene) => [
      ...createOperatorRoutes({ ...instruments, ...scene }),
      ...createDashboardRoutes({ startedAt, links: scene.links, heartbeats }),
      ...createDebugRoutes({
        ...instruments,
        ...scene,
        beats,
        silences,
        socketTraffic: scene.publisher.traffic,
      }),
    ],
    start(scene, releasers) {
      startIngestSummary({ clock, logger, ingestLog: recorder.ingestLog }, releasers);
      startSilenceLoop({ ...instruments, ...recorder, ...scene, logger, silences }, releasers);
    },
  };
}
