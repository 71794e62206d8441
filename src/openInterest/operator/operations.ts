import type { Request, Response } from 'express';
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
import { createStoreOutcome } from './doctor/database.ts';
import { gatherDoctorFacts, type DoctorFactsDeps } from './doctor/facts.ts';
import { watchEventLoop } from './recorder/eventLoop.ts';
import { createFlow } from './recorder/flow.ts';
import { createHeartbeats } from './collectors/heartbeats.ts';
import { createIngestLog, type IngestLog } from './recorder/ingestLog.ts';
import { startIngestSummary } from './recorder/ingestSummary.ts';
import { HEARTBEAT_PATH, createOperatorRoutes } from './operator.routes.ts';
import { normaliseSymbol } from '../ingest/parse.ts';
import { createRefusedRequests } from './recorder/refusedRequests.ts';
import { startSilenceLoop } from './outages/outageLoop.ts';
import { createSilences } from './outages/outages.ts';
import { createThroughput } from './recorder/throughput.ts';
import { createTrace, type Trace } from './recorder/trace.ts';
import type { RejectedItem } from '../ingest/ingest.types.ts';
import type { Sample } from '../openInterest.types.ts';

/** What operators are told: the instruments that watch the others at work, and the routes that read them. */
export type Operations = {
  trace: Trace;
  ingestLog: IngestLog;
  /** Items of a chunk that were refused. */
  itemsRefused(items: readonly RejectedItem[], receivedAt: number): void;
  /** Symbols whose newest sample is stored. */
  symbolsCommitted(symbols: readonly string[]): void;
  /** A chunk was not stored. */
  storeFailed(thrown: unknown): void;
  /** Samples that another node took. */
  samplesHeard(samples: readonly Sample[]): void;
  /** Looks at an HTTP request that has come in. */
  observe(request: Request, response: Response): void;
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

const INGEST_PATHS = ['/api/market/open-interest/ingest', '/api/market/open-interest'];
const COLLECTOR_PATHS = [
  HEARTBEAT_PATH,
  '/api/market/open-interest/liquid-universe/update',
  '/api/open-interest-alerts/ingest',
];

export function createOperations(deps: {
  db: Queryable;
  clock: Clock;
  logger: Logger;
  board: Board;
  isMember: (symbol: string) => boolean;
}): Operations {
  const { db, clock, logger, board, isMember } = deps;
  const startedAt = clock.now();
  const throughput = createThroughput();
  const ingestLog = createIngestLog(throughput);
  const refusedRequests = createRefusedRequests({
    clock,
    ingestLog,
    throughput,
    paths: INGEST_PATHS,
    otherPaths: COLLECTOR_PATHS,
  });
  const flow = createFlow({ clock, holds: (symbol) => board.get(symbol) !== undefined });
  const trace = flow.watch(createTrace());
  const beats = createBeats();
  const heartbeats = createHeartbeats({ db, clock, beats });
  const silences = createSilences();
  const storeOutcome = createStoreOutcome({ clock });
  const instruments = {
    db,
    clock,
    startedAt,
    board,
    ingestLog,
    refusedRequests,
    passages: flow.passages,
    trace,
    heartbeats,
    storeOutcome,
    eventLoop: watchEventLoop(),
  };

  return {
    trace,
    ingestLog,
    itemsRefused(items, receivedAt) {
      const symbols = items.map((it) => normaliseSymbol(it.symbol ?? '')).filter((it) => it !== null);
      flow.passages.passed('posted', symbols.filter(isMember), receivedAt);
    },
    symbolsCommitted(symbols) {
      storeOutcome.succeeded();
      flow.committed(symbols);
    },
    storeFailed: storeOutcome.failed,
    samplesHeard: (samples) => flow.remote(samples.map((it) => it.symbol)),
    observe: refusedRequests.observe,
    load: async () => void (await heartbeats.selectAll()),
    diagnose: async (scene) => diagnose(await gatherDoctorFacts({ ...instruments, ...scene }, '')),
    routes: (scene) => [
      ...createOperatorRoutes({ ...instruments, ...scene }),
      ...createDashboardRoutes({ startedAt, links: scene.links, heartbeats }),
      ...createDebugRoutes({
        ...instruments,
        ...scene,
        flow,
        beats,
        throughput,
        silences,
        socketTraffic: scene.publisher.traffic,
      }),
    ],
    start(scene, releasers) {
      startIngestSummary({ clock, logger, ingestLog }, releasers);
      startSilenceLoop({ ...instruments, ...scene, logger, silences }, releasers);
    },
  };
}
