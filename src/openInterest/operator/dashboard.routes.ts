import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import { DashboardFacts, type ReportedAlertRule } from './dashboard.types.ts';
import type { CollectorState, Heartbeats } from './collectors/heartbeats.ts';

export type DashboardLinks = Pick<DashboardFacts, 'upgradeUrl' | 'symbolLinkTemplate'>;

/** What the pages tell of the server beside its data: none of it is measured, so anybody may read it. */
export function createDashboardRoutes(deps: {
  startedAt: number;
  links: DashboardLinks;
  heartbeats: Pick<Heartbeats, 'lastRead'>;
}): Route[] {
  const { startedAt, links, heartbeats } = deps;
  return [
    defineRoute({
      method: 'get',
      path: '/api/market/open-interest/dashboard',
      access: 'anyone',
      limit: 'read',
      operationId: 'readDashboardFacts',
      summary: 'What the pages tell of this server: since when it runs, its links, when alerts fire',
      responses: { 200: { description: 'The facts', schema: DashboardFacts } },
      handle() {
        const alertRules = selectAlertRules(heartbeats.lastRead());
        const facts: DashboardFacts = { startedAt, ...links, alertRules };
        return json(200, facts, { 'Cache-Control': 'no-cache' });
      },
    }),
  ];
}

/** Of the collectors that report rules and are still heard of, those of the last to speak. */
export function selectAlertRules(
  states: readonly Pick<CollectorState, 'heartbeat' | 'receivedAt' | 'state'>[],
): ReportedAlertRule[] {
  const reporting = states.filter((it) => it.state !== 'down' && it.heartbeat.alertRules !== undefined);
  const [last] = reporting.toSorted((a, b) => b.receivedAt - a.receivedAt);
  return last?.heartbeat.alertRules ?? [];
}
