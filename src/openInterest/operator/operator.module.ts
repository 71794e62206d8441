import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { Releasers } from '../../kit/lifecycle.ts';
import { every } from '../../kit/loop.ts';
import type { Route } from '../../platform/http/route.ts';
import { createCollectorRoutes } from './collectors/collector.routes.ts';
import { createDashboardRoutes } from './dashboard.routes.ts';
import { createDebugRoutes } from './debug/debug.routes.ts';
import { diagnose, type Diagnosis } from './doctor/doctor.ts';
import { gatherDoctorFacts } from './doctor/facts.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { createOperatorContext, type OperatorContext, type OperatorDeps } from './operator.context.ts';
import { createOperatorRoutes } from './operator.routes.ts';
import { watchOutages } from './outages/outageWatch.ts';

const OUTAGES_EVERY_MS = 5 * SECOND_MS;

/** Wires up doctor, trace, the debug page and the heartbeats of collectors. */
export function createOperator(openInterest: OpenInterestContext, deps: OperatorDeps) {
  const ctx = createOperatorContext(openInterest, deps);
  return {
    routes: [
      ...createCollectorRoutes(ctx),
      ...createOperatorRoutes(ctx),
      ...createDashboardRoutes(ctx),
      ...createDebugRoutes(ctx),
    ] satisfies Route[],
    /** What doctor finds now, for the metrics. */
    diagnose: async (): Promise<Diagnosis> => diagnose(await gatherDoctorFacts(ctx, '')),
    /** Reads the heartbeats that arrived at other nodes before this one started. */
    loadHeartbeats: ctx.heartbeats.selectAll,
    /** Starts the loops that only operators need; each pushes its own stop. */
    start(releasers: Releasers): void {
      const loops = { ...ctx, releasers };
      every(loops, 'ingest summary', MINUTE_MS, () => logIngestSummary(ctx));
      every(loops, 'event loop', OUTAGES_EVERY_MS, ctx.eventLoop.look);
      every(loops, 'outages', OUTAGES_EVERY_MS, () => watchOutages(ctx));
    },
  };
}

/** One line for each minute with chunks: a line per chunk would be a hundred thousand a day. */
function logIngestSummary({ clock, logger, recorder }: OperatorContext): void {
  const totals = recorder.ingestLog.totalsSince(clock.now() - MINUTE_MS);
  if (totals.chunks > 0) logger.info(totals, 'ingest in the last minute');
}
