import { defineRoute, json, type Route } from '../../../platform/http/route.ts';
import { DebugBody } from './debug.types.ts';
import { gatherDebugBody } from './debugBody.ts';
import type { OperatorContext } from '../operator.context.ts';
import { baseUrlOf } from '../operator.routes.ts';

/** The answer that the operator's page polls. */
export function createDebugRoutes(ctx: OperatorContext): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/market/open-interest/debug',
      access: 'operatorOrAdmin',
      whileStarting: true,
      operationId: 'readDebug',
      summary: 'Everything the operator page shows, in one answer',
      responses: { 200: { description: 'The state of the pipeline', schema: DebugBody } },
      async handle({ request }) {
        return json(200, await gatherDebugBody(ctx, baseUrlOf(request)), { 'Cache-Control': 'no-store' });
      },
    }),
  ];
}
