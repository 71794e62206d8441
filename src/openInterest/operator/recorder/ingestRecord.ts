import { countWithoutUsd, type ParsedChunk } from '../../ingest/parse.ts';
import type { IngestRequestView } from '../debug/debug.types.ts';

/** One ingest request as an operator sees it: what came and what became of it. */
export type IngestRecord = IngestRequestView & {
  /** How far its newest sample, a refused one too, lies ahead of `at`. `null`: history, or no time at all. */
  aheadMs?: number | null;
};

/** The request that brings a chunk. */
export type ChunkRequest = { requestId: string; keyId: string; receivedAt: number };

/** How a chunk was answered. */
export type ChunkAnswer = {
  status: number;
  /** `undefined`: refused before or while it was parsed. */
  chunk: ParsedChunk | undefined;
  /** Rows that were new to the database. */
  inserted: number;
  /** Why it was refused; `null`: it was not, or the reason has no code. */
  code: string | null;
};

const REFUSALS_SHOWN = 5;

export function describeChunk(request: ChunkRequest, answer: ChunkAnswer, answeredAt: number): IngestRecord {
  const { chunk, status, inserted, code } = answer;
  const { receivedAt } = request;
  const rejected = chunk?.rejected ?? [];
  const withoutUsd = countWithoutUsd(chunk?.samples ?? []);
  return {
    at: receivedAt,
    requestId: request.requestId,
    keyId: request.keyId,
    source: chunk?.samples[0]?.sample.source ?? 'unknown',
    received: chunk?.received ?? 0,
    inserted,
    duplicates: status === 200 ? (chunk?.samples.length ?? 0) - inserted : 0,
    rejected: rejected.length,
    withoutUsd,
    aheadMs: chunk?.newestTs == null ? null : chunk.newestTs - receivedAt,
    ms: answeredAt - receivedAt,
    status,
    reason: code ?? rejected[0]?.code ?? (withoutUsd > 0 ? 'no_mark_price' : null),
    refusals: rejected.slice(0, REFUSALS_SHOWN),
  };
}
