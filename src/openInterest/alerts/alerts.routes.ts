import { z } from 'zod';
import { plainText } from '../../kit/plainText.shared.ts';
import { defineRoute, json, privateHeaders, type Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { selectAlerts } from './alerts.repository.ts';
import { ingestAlert } from './alerts.service.ts';
import { SymbolName, Time, cursor } from '../history/query.ts';
import { Direction, OpenInterestAlert, OpenInterestAlertInput } from '../openInterest.types.ts';

const AlertId = z.string().regex(/^\d{1,18}$/);

/** Alerts: one is posted, stored ones are listed. */
export function createAlertsRoutes(ctx: OpenInterestContext): Route[] {
  return [ingestRoute(ctx), listRoute(ctx)];
}

function ingestRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'post',
    path: '/api/open-interest-alerts/ingest',
    access: 'ingest',
    limit: 'ingest',
    operationId: 'ingestAlert',
    summary: 'Accept a spike or dump',
    description:
      'Stored and pushed once. The same alert again (symbol, direction, timeframe, timestamp, source) answers 200 with the ' +
      'same id and is not pushed again, so sending it until it is answered is safe.',
    body: OpenInterestAlertInput,
    responses: {
      200: {
        description: 'The alert is stored',
        schema: z.object({ success: z.literal(true), id: z.string() }),
      },
    },
    async handle({ body }) {
      const { id } = await ingestAlert(ctx, body);
      return json(200, { success: true, id });
    },
  });
}

function listRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'get',
    path: '/api/open-interest-alerts',
    access: 'proOrOperator',
    operationId: 'listAlerts',
    summary: 'Stored alerts, newest first',
    query: z.object({
      symbol: SymbolName.optional(),
      direction: Direction.optional(),
      timeframe: plainText(32).optional(),
      since: Time.optional().meta({ description: 'Only alerts after this moment' }),
      before: cursor('id', AlertId.nullable())
        .optional()
        .meta({ description: 'Only alerts before this one; use nextBefore' }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      offset: z.coerce.number().int().min(0).max(100_000).default(0),
    }),
    responses: {
      200: {
        description: 'Alerts',
        schema: z.object({
          alerts: z.array(OpenInterestAlert),
          count: z.number(),
          limit: z.number(),
          offset: z.number(),
          nextBefore: z.string().nullable(),
        }),
      },
    },
    async handle({ query }) {
      const { symbol = null, direction = null, timeframe = null, before = null, limit, offset } = query;
      const since = query.since === undefined ? null : new Date(query.since);
      const filter = { symbol, direction, timeframe, since, before, limit, offset };
      const alerts = await selectAlerts(ctx.stores.read, filter);
      const last = alerts.at(-1);
      const nextBefore = last && alerts.length === limit ? `${last.ts},${last.id}` : null;
      return json(
        200,
        { alerts, count: alerts.length, limit, offset, nextBefore },
        privateHeaders('no-cache'),
      );
    },
  });
}
