import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { defineRoute, json, text, type Route } from '../platform/http/route.ts';
import type { DatabasePing } from '../platform/database/ping.ts';
import type { Gate } from './gate.ts';

/**
 * What balancers and schedulers ask. Liveness never depends on Postgres or Redis: restarting this process would not mend
 * them. Readiness does.
 */
export function createHealthRoutes(deps: {
  gate: Gate;
  database: DatabasePing;
  metrics: Registry;
  clock: Clock;
  version: string;
  environment: string;
}): Route[] {
  const { gate, database, metrics, clock, version, environment } = deps;
  const loopDelay = monitorEventLoopDelay({ resolution: 20 });
  loopDelay.enable();

  return [
    defineRoute({
      method: 'get',
      path: '/health',
      access: 'public',
      limit: 'probe',
      whileStarting: true,
      operationId: 'readHealth',
      summary: 'The process answers',
      responses: {
        200: {
          description: 'Always, while the process runs',
          schema: z.object({
            status: z.literal('ok'),
            timestamp: z.string(),
            version: z.string(),
            environment: z.string(),
            ready: z.boolean(),
          }),
        },
      },
      handle: () =>
        json(200, {
          status: 'ok',
          timestamp: new Date(clock.now()).toISOString(),
          version,
          environment,
          ready: gate.state() === 'open' && database.isRecent(),
        }),
    }),

    defineRoute({
      method: 'get',
      path: '/livez',
      access: 'public',
      limit: 'probe',
      whileStarting: true,
      operationId: 'readLiveness',
      summary: 'Is the process alive? (restart it if not)',
      responses: {
        200: { description: 'Yes', schema: z.object({ alive: z.literal(true) }) },
        503: { description: 'The event loop is stuck', schema: z.object({ alive: z.literal(false) }) },
      },
      handle() {
        const alive = loopDelay.max / 1e6 < 5 * SECOND_MS;
        loopDelay.reset();
        return json(alive ? 200 : 503, { alive });
      },
    }),

    defineRoute({
      method: 'get',
      path: '/readyz',
      access: 'public',
      limit: 'probe',
      whileStarting: true,
      operationId: 'readReadiness',
      summary: 'May this node be sent traffic?',
      responses: {
        200: { description: 'Yes', schema: Readiness },
        503: { description: 'No, and why', schema: Readiness },
      },
      handle() {
        const state = gate.state();
        const databaseAnswers = database.isRecent();
        const ready = state === 'open' && databaseAnswers;
        return json(ready ? 200 : 503, {
          ready,
          state,
          database: databaseAnswers ? 'ok' : `no answer for 10s${because(database.fault())}`,
        });
      },
    }),

    defineRoute({
      method: 'get',
      path: '/metrics',
      access: 'operator',
      limit: 'none',
      whileStarting: true,
      operationId: 'readMetrics',
      summary: 'Metrics for Prometheus',
      responses: { 200: { description: 'Text exposition format', contentType: 'text/plain' } },
      handle: async () => text(200, await metrics.metrics(), metrics.contentType),
    }),
  ];
}

function because(fault: string | null): string {
  return fault === null ? '' : `: ${fault}`;
}

const Readiness = z.object({
  ready: z.boolean(),
  state: z.enum(['starting', 'open', 'draining']),
  database: z.string(),
});
