import { AppError, UnavailableError } from '../kit/errors.ts';
import { findDatabaseFault } from '../platform/database/fault.ts';
import { sendToNodes } from './cluster/clusterMessages.ts';
import type { Persisted } from './history/insertSamples.repository.ts';
import type { OpenInterestIngestResponse } from './ingest/ingest.types.ts';
import { mergeChunk, type MergedChunk } from './ingest/mergeChunk.ts';
import { NoValidItemsError, countWithoutUsd, parseChunk, type ParsedChunk } from './ingest/parse.ts';
import { persistChunk } from './ingest/persist.ts';
import { limitSymbols } from './ingest/symbolLimit.ts';
import type { OpenInterestContext } from './openInterest.context.ts';
import type { Sample } from './openInterest.types.ts';
import type { ChunkRequest } from './operator/recorder/ingestRecord.ts';

type IngestCall = ChunkRequest & { body: unknown };

/**
 * One chunk, from its body to its committed answer.
 *
 * The merged rows are published while Postgres still stores them: with a dead database the dashboards stay live, the
 * poller receives 503 and sends the chunk again, which is always safe.
 */
export async function ingestChunk(
  ctx: OpenInterestContext,
  call: IngestCall,
): Promise<OpenInterestIngestResponse> {
  let chunk: ParsedChunk | undefined;
  try {
    ctx.requireOpen();
    chunk = parseChunk(call.body, {
      now: call.receivedAt,
      retentionDays: ctx.settings.retentionDays,
      admits: limitSymbols(ctx),
    });
    const merged = mergeChunk(ctx, chunk, call);
    publishSoon(ctx, merged.changed);
    if (merged.past.length > 0) sendToNodes(ctx, 'past', merged.past);
    const stored = await storeChunk(ctx, merged);
    ctx.redisCopy.putSamples(
      merged.toStore.filter((it) => it.source !== 'backfill' && !merged.tooOld.has(it)),
    );
    ctx.recorder.answered(call, { status: 200, chunk, inserted: stored.inserted, code: null });
    return describeOutcome(ctx, chunk, stored);
  } catch (thrown) {
    recordRefusal(ctx, call, chunk, thrown);
    throw thrown;
  }
}

/** Puts changed rows into the next window and sends their samples to the other nodes. */
function publishSoon(ctx: OpenInterestContext, changed: readonly Sample[]): void {
  if (changed.length === 0) return;
  ctx.feed.lastDataAt = ctx.clock.now();
  ctx.window.markChanged();
  sendToNodes(ctx, 'samples', changed);
}

/** Stores the chunk, or throws: then none of it is acknowledged. */
async function storeChunk(ctx: OpenInterestContext, merged: MergedChunk): Promise<Persisted> {
  try {
    const stored = await persistChunk(ctx, merged.toStore, merged.tooOld);
    ctx.recorder.committed(merged.traces);
    return stored;
  } catch (thrown) {
    ctx.recorder.failed(merged.traces, thrown);
    throw asUnavailable(thrown);
  }
}

function describeOutcome(
  ctx: OpenInterestContext,
  chunk: ParsedChunk,
  stored: Persisted,
): OpenInterestIngestResponse {
  const { received, samples, rejected } = chunk;
  const response: OpenInterestIngestResponse = {
    success: rejected.length === 0,
    received,
    inserted: stored.inserted,
    duplicates: samples.length - stored.inserted,
    stale: stored.stale,
    withoutUsd: countWithoutUsd(samples),
    rejected,
    cached: ctx.board.size(),
  };
  if (rejected.length > 0) {
    response.errors = rejected.map((it) => `data[${it.index}] ${it.symbol ?? '?'}: ${it.message}`);
  }
  return response;
}

function recordRefusal(
  ctx: OpenInterestContext,
  call: ChunkRequest,
  chunk: ParsedChunk | undefined,
  thrown: unknown,
): void {
  const fault = thrown instanceof AppError ? thrown : null;
  ctx.recorder.answered(call, {
    status: fault?.status ?? 500,
    chunk: thrown instanceof NoValidItemsError ? thrown.chunk : chunk,
    inserted: 0,
    code: fault?.code ?? null,
  });
}

function asUnavailable(thrown: unknown): unknown {
  if (thrown instanceof AppError || findDatabaseFault(thrown) === null) return thrown;
  return new UnavailableError(
    'database_unavailable',
    'The database did not store the chunk; nothing is acknowledged, send it again',
    { cause: thrown },
  );
}
