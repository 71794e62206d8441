import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { defineRoute, json, text, type Route } from '../platform/http/route.ts';
import type { DatabaseHealth, DatabaseHealthWatch } from '../platform/databaseHealth.ts';
import { selectRow, type Queryable } from '../platform/postgres.ts';
import type { Gate } from './gate.ts';

/** Readiness looks at the database by the last ping, so that probes cost nothing. */
export type DatabasePing = {
  /** Throws when the database does not answer, or answers and takes no writes. */
  ping(): Promise<void>;
  isRecent(): boolean;
  /** Why it is not: what the last ping failed with, in a few words; `null` before any has failed. */
  fault(): string | null;
};

const RECENT_MS = 10 * SECOND_MS;

const Pong = z.object({ time: z.number(), read_only: z.boolean() });

export function createDatabasePing(
  db: Queryable,
  watch: Pick<DatabaseHealthWatch, 'observePing' | 'health'>,
  clock: Clock,
): DatabasePing {
  let answeredAt = -Infinity;
  return {
    async ping() {
      const startedAt = performance.now();
      try {
        const pong = await selectRow(
          db,
          Pong,
          `select (extract(epoch from clock_timestamp()) * 1000)::float8 as time,
             current_setting('transaction_read_only')::boolean as read_only`,
        );
        if (pong.read_only) throw new ReadOnlyDatabaseError();
        watch.observePing({ ms: performance.now() - startedAt, databaseTime: pong.time });
      } catch (thrown) {
        watch.observePing({ thrown });
        throw thrown;
      }
      answeredAt = clock.now();
    },
    // An answer from the future is one from before the clock was set back: its age is unknown.
    isRecent: () => Math.abs(clock.now() - answeredAt) <= RECENT_MS,
    fault: () => describeFault(watch.health().ping),
  };
}

/** As Postgres reports a write to a standby; a question alone would be answered. */
class ReadOnlyDatabaseError extends Error {
  override readonly name = 'ReadOnlyDatabaseError';
  readonly code = '25006';
  constructor() {
    super('the database is read-only: a standby, or default_transaction_read_only is on');
  }
}

/** Public, so it is a kind and never the words of the database, which may name hosts and roles. */
function describeFault({ lastFailure }: DatabaseHealth['ping']): string | null {
  return lastFailure && lastFailure.kind.replaceAll('_', ' ');
}

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
