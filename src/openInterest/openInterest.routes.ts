import { z } from 'zod';
import { matchesTag } from '../platform/http/entityTag.ts';
import { defineRoute, json, privateHeaders, type Route } from '../platform/http/route.ts';
import type { OpenInterestContext } from './openInterest.context.ts';
import { ingestChunk } from './openInterest.service.ts';
import {
  BoardBody,
  OpenInterestCacheBody,
  OpenInterestIngestRequest,
  PositionText,
} from './openInterest.types.ts';
import { OpenInterestIngestResponse } from './ingest/ingest.types.ts';
import { createDayTotal } from './board/dayTotal.ts';
import { DayTotal } from './board/dayTotal.types.ts';
import { boardBodyOf, boardTagOf, cacheBodyOf } from './board/audience.ts';

const BASE = '/api/market/open-interest';

/** The body is judged item by item by the service; the document shows what a good one looks like. */
const IngestBody = z.unknown().meta({ documentAs: OpenInterestIngestRequest });

/** Ingest and the boards. */
export function createOpenInterestRoutes(ctx: OpenInterestContext): Route[] {
  const ingest = (path: string, operationId: string) =>
    defineRoute({
      method: 'post',
      path,
      access: 'ingest',
      limit: 'ingest',
      operationId,
      summary: 'Accept a chunk of samples',
      description:
        '200 means committed. Everything else means: send it again; sending it again is always safe. A bad item is ' +
        'refused alone, with its index; a chunk with no good item is 400.',
      body: IngestBody,
      responses: { 200: { description: 'What became of the chunk', schema: OpenInterestIngestResponse } },
      async handle({ body, principal, requestId, receivedAt }) {
        const keyId = principal.kind === 'key' ? principal.keyId : '';
        return json(200, await ingestChunk(ctx, { body, requestId, receivedAt, keyId }));
      },
    });

  return [
    ingest(`${BASE}/ingest`, 'ingestSamples'),
    ingest(BASE, 'ingestSamplesByOldPath'),

    defineRoute({
      method: 'get',
      path: BASE,
      access: 'anyone',
      operationId: 'readOpenInterest',
      summary: 'Open interest in USD by symbol',
      description:
        'Live for Pro and Elite, the last 5-minute snapshot for all others. Unknown values are left out.',
      responses: { 200: { description: 'The map', schema: OpenInterestCacheBody } },
      handle: ({ principal }) => json(200, cacheBodyOf(ctx, principal), privateHeaders('no-cache')),
    }),

    defineRoute({
      method: 'get',
      path: `${BASE}/board`,
      access: 'viewer',
      operationId: 'readBoard',
      summary: 'The board, whole or what changed since a position',
      query: z.object({
        since: PositionText.optional().meta({ description: '`EPOCH:SEQ` of the last window applied' }),
      }),
      responses: {
        200: { description: 'The board', schema: BoardBody },
        304: { description: 'Nothing has changed since the ETag' },
      },
      handle({ principal, query, request }) {
        const headers = privateHeaders('no-cache');
        if (query.since) return json(200, boardBodyOf(ctx, principal, query.since), headers);
        const tagged = { ...headers, ETag: boardTagOf(ctx, principal) };
        if (matchesTag(request.headers['if-none-match'], tagged.ETag))
          return { status: 304, headers: tagged };
        return json(200, boardBodyOf(ctx, principal, null), tagged);
      },
    }),

    createDayTotalRoute(ctx),
  ];
}

function createDayTotalRoute({ board, clock }: Pick<OpenInterestContext, 'board' | 'clock'>): Route {
  const dayTotal = createDayTotal(board, clock);
  return defineRoute({
    method: 'get',
    path: `${BASE}/total`,
    access: 'pro',
    operationId: 'readDayTotal',
    summary: 'Open interest of all symbols together in the last 24 hours',
    description:
      'By half hours, the running one too. All sums are of the same symbols; a half hour in which symbols with more ' +
      'than 5 % of the open interest are unknown has none.',
    responses: { 200: { description: 'The sums in USD, oldest first', schema: DayTotal } },
    handle: () => json(200, dayTotal(), privateHeaders('max-age=60')),
  });
}
