import type { Request, Response } from 'express';
import type { Guest, Viewer } from '../access/access.types.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Route } from '../platform/http/route.ts';
import { createAlertsRoutes } from './alerts/alerts.routes.ts';
import { startBackground } from './background.ts';
import { boardBodyOf, boardFrameOf, boardTagOf, helloOf } from './board/audience.ts';
import { hydrate } from './cluster/hydrate.ts';
import { receiveClusterMessages } from './cluster/receive.ts';
import { createRepair } from './cluster/repair.ts';
import { createContext, type ContextDeps } from './createContext.ts';
import type { DeliverySettings } from './delivery/delivery.context.ts';
import { createDelivery } from './delivery/delivery.module.ts';
import { createHistoryRoutes } from './history/history.routes.ts';
import { createOpenInterestRoutes } from './openInterest.routes.ts';
import type { BoardPosition } from './openInterest.types.ts';
import type { OperatorDeps } from './operator/operator.context.ts';
import { createOperator } from './operator/operator.module.ts';
import { createPositioningRoutes } from './positioning/positioning.routes.ts';
import { createRuleEvaluation } from './rules/evaluation.ts';
import { createRulesRoutes } from './rules/rules.routes.ts';
import { createUniverseRoutes } from './universe/universe.routes.ts';
import { createViewsRoutes } from './views/views.routes.ts';

/** Wires up open interest: takes its dependencies, returns routes and the boards of sockets. */
export function createOpenInterest(deps: ContextDeps & OperatorDeps & { delivery: DeliverySettings }) {
  const ctx = createContext(deps);
  const repair = createRepair(ctx);
  const operator = createOperator(ctx, deps);
  const ruleEvaluation = createRuleEvaluation(ctx);
  const delivery = createDelivery({ ...deps, settings: deps.delivery });
  receiveClusterMessages(ctx);
  return {
    routes: [
      ...createOpenInterestRoutes(ctx),
      ...createHistoryRoutes({ db: ctx.stores.read, clock: ctx.clock, board: ctx.board }),
      ...createUniverseRoutes(ctx),
      ...createPositioningRoutes(ctx),
      ...createAlertsRoutes(ctx),
      ...createRulesRoutes(ctx),
      ...createViewsRoutes(ctx),
      ...delivery.routes,
      ...operator.routes,
    ] satisfies Route[],
    /** What doctor finds now. */
    diagnose: operator.diagnose,
    /** Notes a verified token of a user. */
    noteAccess: ctx.seenAccess.note,
    /** Observes an HTTP request that has arrived, whatever its answer. */
    observe: (request: Request, response: Response): void => ctx.recorder.observeRequest(request, response),
    /** Reads all that a node needs before it is ready. Safe to run again after a failure. */
    async hydrate(): Promise<void> {
      await hydrate(ctx, repair);
      await operator.loadHeartbeats();
    },
    /** Starts the background loops; each pushes its own stop. */
    start(releasers: Releasers): void {
      startBackground(ctx, repair, releasers);
      operator.start(releasers);
      ruleEvaluation.start(releasers);
      delivery.start(releasers);
    },
    /** Publishes the changes that wait. */
    flush: (): void => ctx.window.flush(),
    /** What a connecting socket receives, its audience, and the numbers of the symbols on its board. */
    hello: (principal: Viewer | Guest) => helloOf(ctx, principal),
    tag: (principal: Viewer | Guest) => boardTagOf(ctx, principal),
    body: (principal: Viewer | Guest, position: BoardPosition | null) =>
      boardBodyOf(ctx, principal, position),
    frame: (principal: Viewer | Guest, position: BoardPosition | null) =>
      boardFrameOf(ctx, principal, position),
  };
}

export type OpenInterest = ReturnType<typeof createOpenInterest>;
