import { z } from 'zod';
import { defineRoute, json, type Route } from '../../../platform/http/route.ts';
import type { OperatorContext } from '../operator.context.ts';
import { HEARTBEAT_PATH } from '../recorder/requestWatch.ts';
import { CollectorHeartbeat } from './heartbeat.types.ts';

/** What collectors report about themselves. */
export function createCollectorRoutes(ctx: Pick<OperatorContext, 'clock' | 'heartbeats'>): Route[] {
  const { clock, heartbeats } = ctx;
  return [
    defineRoute({
      method: 'post',
      path: HEARTBEAT_PATH,
      access: 'ingest',
      limit: 'ingest',
      operationId: 'postHeartbeat',
      summary: 'The report of a collector about itself',
      body: CollectorHeartbeat,
      responses: {
        200: {
          description: 'Stored',
          schema: z.object({ success: z.literal(true), serverTime: z.number() }),
        },
      },
      async handle({ body }) {
        await heartbeats.record(body);
        return json(200, { success: true, serverTime: clock.now() });
      },
    }),

    defineRoute({
      method: 'delete',
      path: '/api/collectors/:name',
      access: 'operator',
      operationId: 'removeCollector',
      summary: 'Removes a collector that is retired or was renamed',
      description: 'One that is still running returns with its next heartbeat.',
      params: z.object({ name: CollectorHeartbeat.shape.collector }),
      responses: {
        200: {
          description: 'Whether a collector of that name was known',
          schema: z.object({ removed: z.boolean() }),
        },
      },
      handle: async ({ params }) => json(200, { removed: await heartbeats.remove(params.name) }),
    }),
  ];
}
