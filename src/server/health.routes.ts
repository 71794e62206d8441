import { monitorEventLoopDelay } from 'node:perf_hooks';
import { z } from 'zod';
import { SECOND_MS } from '../kit/clock.ts';
import type { DatabasePing } from '../platform/database/ping.ts';
import { defineRoute, json, text, type Route } from '../platform/http/route.ts';
import type { ServerContext } from './server.context.ts';

const STUCK_AFTER_MS = 5 * SECOND_MS;

/**
 * Routes for balancers and schedulers. Liveness never depends on Postgres or Redis, because a restart of this process
 * would not repair them; readiness does.
 */
export function createHealthRoutes(context: ServerContext, database: DatabasePing): Route[] {
  return [
    createHealthRoute(context, database),
    createLivenessRoute(),
    createReadinessRoute(context, database),
    createMetricsRoute(context),
  ];
}

/** Any monitor may read these at any time. */
const PROBE = { method: 'get', access: 'public', limit: 'probe', whileStarting: true } as const;

function createHealthRoute({ node, clock, version, config }: ServerContext, database: DatabasePing): Route {
  return defineRoute({
    ...PROBE,
    path: '/health',
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
        environment: config.production ? 'production' : 'development',
        ready: node.current() === 'open' && database.isRecent(),
      }),
  });
}

function createLivenessRoute(): Route {
  const loopDelay = monitorEventLoopDelay({ resolution: 20 });
  loopDelay.enable();
  return defineRoute({
    ...PROBE,
    path: '/livez',
    operationId: 'readLiveness',
    summary: 'Is the process alive? (restart it if not)',
    responses: {
      200: { description: 'Yes', schema: z.object({ alive: z.literal(true) }) },
      503: { description: 'The event loop is stuck', schema: z.object({ alive: z.literal(false) }) },
    },
    handle() {
      const alive = loopDelay.max / 1e6 < STUCK_AFTER_MS;
      loopDelay.reset();
      return json(alive ? 200 : 503, { alive });
    },
  });
}

const Readiness = z.object({
  ready: z.boolean(),
  state: z.enum(['starting', 'open', 'draining']),
  database: z.string(),
});

function createReadinessRoute({ node }: ServerContext, database: DatabasePing): Route {
  return defineRoute({
    ...PROBE,
    path: '/readyz',
    operationId: 'readReadiness',
    summary: 'May this node be sent traffic?',
    responses: {
      200: { description: 'Yes', schema: Readiness },
      503: { description: 'No, and why', schema: Readiness },
    },
    handle() {
      const state = node.current();
      const databaseAnswers = database.isRecent();
      const ready = state === 'open' && databaseAnswers;
      return json(ready ? 200 : 503, {
        ready,
        state,
        database: databaseAnswers ? 'ok' : `no answer for 10s${because(database.fault())}`,
      });
    },
  });
}

function because(fault: string | null): string {
  return fault === null ? '' : `: ${fault}`;
}

function createMetricsRoute({ registry: prometheus }: ServerContext): Route {
  return defineRoute({
    method: 'get',
    path: '/metrics',
    access: 'operator',
    limit: 'none',
    whileStarting: true,
    operationId: 'readMetrics',
    summary: 'Metrics for Prometheus',
    responses: { 200: { description: 'Text exposition format', contentType: 'text/plain' } },
    handle: async () => text(200, await prometheus.metrics(), prometheus.contentType),
  });
}
