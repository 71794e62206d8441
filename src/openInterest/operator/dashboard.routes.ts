import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import { DashboardFacts, type ReportedAlertRule } from './dashboard.types.ts';
import type { CollectorState } from './collectors/heartbeats.ts';
import type { OperatorContext } from './operator.context.ts';

/** What the pages show of the server besides its data. Nothing of it is measured, so it is public. */
export function createDashboardRoutes(
  ctx: Pick<OperatorContext, 'startedAt' | 'links' | 'heartbeats'>,
): Route[] {
  const { startedAt, links, heartbeats } = ctx;
  return [
    defineRoute({
      method: 'get',
      path: '/api/market/open-interest/dashboard',
      access: 'anyone',
      operationId: 'readDashboardFacts',
      summary: 'What the pages show of this server: its start, its links, when alerts fire',
      responses: { 200: { description: 'The facts', schema: DashboardFacts } },
      handle() {
        const alertRules = selectAlertRules(heartbeats.lastRead());
        return json(200, { startedAt, ...links, alertRules } satisfies DashboardFacts, {
          'Cache-Control': 'no-cache',
        });
      },
    }),
  ];
}

/** The rules of the collector that reported last, among those that report rules and are not down. */
export function selectAlertRules(
  states: readonly Pick<CollectorState, 'heartbeat' | 'receivedAt' | 'state'>[],
): ReportedAlertRule[] {
  const reporting = states.filter((it) => it.state !== 'down' && it.heartbeat.alertRules !== undefined);
  const [last] = reporting.toSorted((a, b) => b.receivedAt - a.receivedAt);
  return last?.heartbeat.alertRules ?? [];
}
