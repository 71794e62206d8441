import { z } from 'zod';
import { SECOND_MS } from '../../kit/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import { Source, type Sample } from '../openInterest.types.ts';
import { SymbolName, Time, cursor } from './query.ts';
import type { ReadLimit } from './readLimit.ts';
import { END_OF_TIME } from './samples.repository.ts';
import { readOptionalSampleAt, readSamplesBefore } from './tiers.ts';

/** The last samples of one symbol, page by page. */
export function createSamplesRoute({ db, limit: reads }: { db: Database; limit: ReadLimit }): Route {
  return defineRoute({
    method: 'get',
    path: '/api/market/open-interest/samples',
    access: 'proOrOperator',
    operationId: 'listSamples',
    summary: 'The last stored samples of one symbol, newest first',
    query: z.object({
      symbol: SymbolName,
      limit: z.coerce.number().int().min(1).max(500).default(50),
      source: Source.optional(),
      before: cursor('source', Source.nullable()).optional().meta({
        description: 'Only samples before this one; use nextBefore',
      }),
    }),
    responses: { 200: { description: 'Samples', schema: SamplesBody } },
    async handle({ principal, query }) {
      const { symbol, limit, source = null, before = END_OF_TIME } = query;
      const read = () => readSamplesBefore(db, { symbol, limit, source, before });
      const samples = await reads.read(principal, read);
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
  });
}

/** The sample that was the newest of a symbol at a moment. */
export function createSampleAtRoute({ db }: { db: Database }): Route {
  return defineRoute({
    method: 'get',
    path: '/api/market/open-interest/snapshot',
    access: 'ingest',
    operationId: 'readSampleAt',
    summary: 'The newest sample at or before a moment',
    query: z.object({
      symbol: z.string({ error: 'symbol parameter required' }).pipe(SymbolName),
      ts: z.string({ error: 'ts parameter required (ISO 8601 timestamp)' }).pipe(Time),
      maxAgeSec: z.coerce.number().int().min(1).max(2_592_000).default(900),
    }),
    responses: { 200: { description: 'The sample, or that there is none', schema: SnapshotBody } },
    async handle({ query: { symbol, ts, maxAgeSec } }) {
      const notBefore = ts - maxAgeSec * SECOND_MS;
      const sample = await readOptionalSampleAt(db, { symbol, at: ts, notBefore });
      if (sample === null) {
        return json(200, { found: false, symbol, requestedTs: new Date(ts).toISOString() });
      }
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
  });
}

/** In the format of `before`. Several sources can have a sample of one moment, so the time alone would skip some. */
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
