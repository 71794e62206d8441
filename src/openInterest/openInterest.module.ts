import type { Request, Response } from 'express';
import type { Registry } from 'prom-client';
import type { Guest, Viewer } from '../access/access.types.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Route } from '../platform/http/route.ts';
import type { Redis } from '../platform/redis/redis.ts';
import { createAlertsRoutes } from './alerts/alerts.routes.ts';
import { createSentAlerts } from './alerts/sentAlerts.ts';
import { startBackground } from './background.ts';
import { createBoard } from './board/board.ts';
import { publishWindow } from './board/publish.ts';
import { createSnapshotBoards } from './board/snapshotBoards.ts';
import { boardBodyOf, helloOf } from './board/views.ts';
import { createBroadcastWindow } from './board/window.ts';
import { hydrate } from './cluster/hydrate.ts';
import { receiveClusterMessages } from './cluster/receive.ts';
import { createRedisCopy } from './cluster/redisCopy.ts';
import { createRepair } from './cluster/repair.ts';
import { createHistoryRoutes } from './history/history.routes.ts';
import type { OpenInterestContext } from './openInterest.context.ts';
import { createOpenInterestRoutes } from './openInterest.routes.ts';
import type { BoardPosition } from './openInterest.types.ts';
import { createOperations, type OperationsDeps } from './operator/operations.ts';
import { createOpenInterestMetrics } from './operator/recorder/metrics.ts';
import { createRecorder } from './operator/recorder/recorder.ts';
import { createUniverseRoutes } from './universe/universe.routes.ts';
import { createUniverse } from './universe/universe.ts';

export type OpenInterestDeps = Pick<
  OpenInterestContext,
  'settings' | 'stores' | 'clock' | 'logger' | 'bus' | 'publisher' | 'requireOpen'
> & {
  registry: Registry;
  /** `null`: one node alone. */
  redis: Redis | null;
} & OperationsDeps;

/** Composes the room: the outside world comes in as `deps`, routes and the boards of sockets go out. */
export function createOpenInterest(deps: OpenInterestDeps) {
  const ctx = createContext(deps);
  const repair = createRepair(ctx);
  const operations = createOperations(ctx, deps);
  receiveClusterMessages(ctx);
  return {
    routes: [
      ...createOpenInterestRoutes(ctx),
      ...createHistoryRoutes({ db: ctx.stores.read, clock: ctx.clock, board: ctx.board }),
      ...createUniverseRoutes(ctx),
      ...createAlertsRoutes(ctx),
      ...operations.routes,
    ] satisfies Route[],
    /** What doctor finds now. */
    diagnose: operations.diagnose,
    /** Observes an HTTP request that has arrived, whatever its answer. */
    observe: (request: Request, response: Response): void => ctx.recorder.observeRequest(request, response),
    /** Reads all that a node needs before it is ready. Safe to run again after a failure. */
    async hydrate(): Promise<void> {
      await hydrate(ctx, repair);
      await operations.load();
    },
    /** Starts the background loops; each pushes its own stop. */
    start(releasers: Releasers): void {
      startBackground(ctx, repair, releasers);
      operations.start(releasers);
    },
    /** Publishes the changes that wait. */
    flush: (): void => ctx.window.flush(),
    /** What a connecting socket receives, and its audience. */
    hello: (principal: Viewer | Guest) => helloOf(ctx, principal),
    body: (principal: Viewer | Guest, position: BoardPosition | null) =>
      boardBodyOf(ctx, principal, position),
  };
}

export type OpenInterest = ReturnType<typeof createOpenInterest>;

function createContext(deps: OpenInterestDeps): OpenInterestContext {
  const { settings, clock, logger } = deps;
  const metrics = createOpenInterestMetrics(deps.registry);
  const board = createBoard({ withLastDay: true });
  const universe = createUniverse();
  const ctx: OpenInterestContext = {
    ...deps,
    metrics,
    redisCopy: createRedisCopy({
      redis: deps.redis,
      clock,
      logger,
      onFailure: () => metrics.mirrorFailures.inc(),
    }),
    universe,
    board,
    window: createBroadcastWindow({
      clock,
      quietMs: settings.broadcastDebounceMs,
      maxWaitMs: settings.broadcastMaxWaitMs,
      publish: (at) => publishWindow(ctx, at),
    }),
    snapshots: createSnapshotBoards(),
    sentAlerts: createSentAlerts(),
    recorder: createRecorder({
      clock,
      logger,
      metrics,
      isMember: universe.has,
      isOnBoard: (symbol) => board.get(symbol) !== undefined,
    }),
    feed: { lastDataAt: null, waitingChunks: 0 },
  };
  return ctx;
}
