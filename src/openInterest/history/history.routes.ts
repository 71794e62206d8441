import { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import { selectAlerts } from '../alerts/alerts.repository.ts';
import type { Board } from '../board/board.ts';
import { Source, type Sample } from '../openInterest.types.ts';
import { selectHistoryBuckets } from './history.repository.ts';
import { computeHistory, historyWindow } from './history.ts';
import { HistoryBody, HistoryRange } from './history.types.ts';
import { SampleBefore, Symbol, Time } from './query.ts';
import { createReadLimit } from './readLimit.ts';
import { END_OF_TIME, selectOptionalSampleAt, selectSamples } from './samples.repository.ts';

const BASE = '/api/market/open-interest';

/** What is stored of one symbol: buckets with gaps, single samples, the sample of a moment. */
export function createHistoryRoutes(deps: { db: Database; clock: Clock; board: Board }): Route[] {
  const { db, clock, board } = deps;
  const limitReads = createReadLimit(db.connections().max);

  return [
    defineRoute({
      method: 'get',
      path: `${BASE}/history`,
      access: 'pro',
      limit: 'read',
      operationId: 'readHistory',
      summary: 'History of one symbol in buckets, with its gaps',
      query: z.object({ symbol: Symbol, range: HistoryRange }),
      responses: { 200: { description: 'Columns, one entry a bucket', schema: HistoryBody } },
      async handle({ principal, query: { symbol, range } }) {
        const window = historyWindow(range, clock.now());
        const from = new Date(window.from);
        const read = () =>
          Promise.all([
            selectHistoryBuckets(db, {
              symbol,
              from,
              to: new Date(window.to),
              bucketSec: window.bucketMs / SECOND_MS,
            }),
            selectAlerts(db, {
              symbol,
              direction: null,
              timeframe: null,
              since: from,
              before: null,
              limit: 200,
              offset: 0,
            }),
          ]);
        const [buckets, alerts] = await limitReads(principal, read);
        const everySec = board.get(symbol)?.row.everySec ?? 30;
        return json(200, computeHistory(symbol, range, window, buckets, everySec, alerts), {
          'Cache-Control': `private, max-age=${Math.floor(window.bucketMs / SECOND_MS / 2)}`,
          Vary: 'Authorization, Cookie',
        });
      },
    }),

    defineRoute({
      method: 'get',
      path: `${BASE}/samples`,
      access: 'proOrOperator',
      limit: 'read',
      operationId: 'listSamples',
      summary: 'The last stored samples of one symbol, newest first',
      query: z.object({
        symbol: Symbol,
        limit: z.coerce.number().int().min(1).max(500).default(50),
        source: Source.optional(),
        before: SampleBefore.optional().meta({
          description: 'Only samples before this one; take nextBefore',
        }),
      }),
      responses: { 200: { description: 'Samples', schema: SamplesBody } },
      async handle({ principal, query }) {
        const { symbol, limit, source = null, before = END_OF_TIME } = query;
        const read = () => selectSamples(db, { symbol, limit, source, before });
        const samples = await limitReads(principal, read);
        const last = samples.at(-1);
        return json(200, {
          symbol: query.symbol,
          samples: samples.map(({ ts, createdAt, ...sample }) => ({
            ...sample,
            ts: new Date(ts).toISOString(),
            createdAt: new Date(createdAt).toISOString(),
          })),
          count: samples.length,
          nextBefore: last && samples.length === query.limit ? positionOf(last) : null,
        });
      },
    }),

    defineRoute({
      method: 'get',
      path: `${BASE}/snapshot`,
      access: 'ingest',
      limit: 'read',
      operationId: 'readSampleAt',
      summary: 'The newest sample at or before a moment',
      query: z.object({
        symbol: z.string({ error: 'symbol parameter required' }).pipe(Symbol),
        ts: z.string({ error: 'ts parameter required (ISO 8601 timestamp)' }).pipe(Time),
        maxAgeSec: z.coerce.number().int().min(1).max(2_592_000).default(900),
      }),
      responses: { 200: { description: 'The sample, or that there is none', schema: SnapshotBody } },
      async handle({ query: { symbol, ts, maxAgeSec } }) {
        const at = new Date(ts);
        const notBefore = new Date(ts - maxAgeSec * SECOND_MS);
        const sample = await selectOptionalSampleAt(db, symbol, at, notBefore);
        if (sample === null) return json(200, { found: false, symbol, requestedTs: at.toISOString() });
        const { openInterest, openInterestUsd, markPrice, source } = sample;
        return json(200, {
          found: true,
          symbol,
          openInterest,
          openInterestUsd,
          markPrice,
          ts: new Date(sample.ts).toISOString(),
          source,
        });
      },
    }),
  ];
}

/** As `before` takes it. Several sources can have a sample of one moment, so the time alone would skip some. */
function positionOf(sample: Sample): string {
  return `${new Date(sample.ts).toISOString()},${sample.source}`;
}

const SamplesBody = z.object({
  symbol: z.string(),
  samples: z.array(
    z.object({
      symbol: z.string(),
      openInterest: z.number(),
      openInterestUsd: z.number().nullable(),
      markPrice: z.number().nullable(),
      fundingRate: z.number().nullable(),
      ts: z.string(),
      source: Source,
      createdAt: z.string(),
    }),
  ),
  count: z.number(),
  /** Pass it as `before` to read on; `null` at the end. */
  nextBefore: z.string().nullable(),
});

const SnapshotBody = z.union([
  z.object({
    found: z.literal(true),
    symbol: z.string(),
    openInterest: z.number(),
    openInterestUsd: z.number().nullable(),
    markPrice: z.number().nullable(),
    ts: z.string(),
    source: Source,
  }),
  z.object({ found: z.literal(false), symbol: z.string(), requestedTs: z.string() }),
]);
