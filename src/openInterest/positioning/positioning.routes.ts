import { z } from 'zod';
import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import { SymbolName } from '../history/query.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { createPositioning } from './positioning.service.ts';
import {
  LiquidationsUpdate,
  PositioningBody,
  PositioningSymbols,
  PositioningUpdate,
} from './positioning.types.ts';

const BASE = '/api/market/open-interest/positioning';

const Stored = z.object({ success: z.literal(true), stored: z.number() });

/** Long/short ratios, taker volume and liquidations: for pages, and from collectors. */
export function createPositioningRoutes(ctx: OpenInterestContext): Route[] {
  const positioning = createPositioning(ctx);
  return [
    defineRoute({
      method: 'get',
      path: BASE,
      access: 'pro',
      operationId: 'readPositioning',
      summary: 'Long/short ratios, taker volume and liquidations of a symbol in the last day',
      description:
        'Read from the exchange for the symbols that users look at or have in their watchlists: the first answer for ' +
        'another symbol may have no points, later ones have them. Of the liquidations of a symbol the exchange publishes at most one a second.',
      query: z.object({ symbol: SymbolName }),
      responses: { 200: { description: 'The last day, oldest first', schema: PositioningBody } },
      handle: async ({ query }) =>
        json(200, await positioning.view(query.symbol), { 'Cache-Control': 'private, no-cache' }),
    }),

    defineRoute({
      method: 'post',
      path: BASE,
      access: 'ingest',
      limit: 'ingest',
      operationId: 'ingestPositioning',
      summary: 'Accept five-minute points of a symbol',
      description:
        'A point that is sent again changes nothing. Points older than a day, and those of a symbol that is not on the ' +
        'board, are not stored.',
      body: PositioningUpdate,
      responses: { 200: { description: 'The points are stored', schema: Stored } },
      handle: async ({ body }) => json(200, { success: true, stored: await positioning.putPoints(body) }),
    }),

    defineRoute({
      method: 'get',
      path: `${BASE}/symbols`,
      access: 'ingest',
      limit: 'ingest',
      operationId: 'listPositioningSymbols',
      summary: 'The symbols that users have looked at in the last 15 minutes, and those in their watchlists',
      responses: {
        200: {
          description: 'At most 50: the last viewed first, then those in the lists of most users',
          schema: PositioningSymbols,
        },
      },
      handle: async () => json(200, { symbols: await positioning.offered() }),
    }),

    defineRoute({
      method: 'post',
      path: `${BASE}/liquidations`,
      access: 'ingest',
      limit: 'ingest',
      operationId: 'ingestLiquidations',
      summary: 'Accept totals of forced orders per symbol and minute',
      description:
        'Totals of a minute may be sent while it runs: the larger figure is kept. Minutes older than a day, and those of a ' +
        'symbol that is not on the board, are not stored.',
      body: LiquidationsUpdate,
      responses: { 200: { description: 'The minutes are stored', schema: Stored } },
      handle: async ({ body }) => json(200, { success: true, stored: await positioning.putMinutes(body) }),
    }),
  ];
}
