import type { Clock } from '../kit/clock.ts';
import { AppError, UnavailableError, describeError } from '../kit/errors.ts';
import type { Logger } from '../kit/logger.ts';
import { findDatabaseFault } from '../platform/database/fault.ts';
import type { Board } from './board/board.ts';
import { isPlausible } from './cluster/plausible.ts';
import { isExpired } from './board/eviction.ts';
import type { IngestLog } from './operator/recorder/ingestLog.ts';
import { distinctSamples } from './board/merge.ts';
import type { OpenInterestMetrics } from './operator/recorder/metrics.ts';
import type { Past } from './board/past.ts';
import { NoValidItemsError, parseChunk, type ParsedChunk } from './ingest/parse.ts';
import type { Persist } from './ingest/persist.ts';
import type { Persisted } from './history/samples.repository.ts';
import { createSymbolLimit } from './ingest/symbolLimit.ts';
import type { SampleLife, Trace } from './operator/recorder/trace.ts';
import type { OpenInterestIngestResponse, RejectedItem } from './ingest/ingest.types.ts';
import type { Sample } from './openInterest.types.ts';
import type { Universe } from './universe/universe.ts';

type IngestCall = { body: unknown; requestId: string; keyId: string; receivedAt: number };

/**
 * Ingest: one chunk from its body to its committed answer.
 *
 * Merging into the board and writing to Postgres start together and do not wait for each other: with a dead database the
 * dashboards still move, and the poller is told 503 and sends the chunk again, which is always safe.
 */
export type OpenInterestService = {
  ingest(call: IngestCall): Promise<OpenInterestIngestResponse>;
  /** When the newest data came in, from a poller or from another node; `null` before the first. */
  lastDataAt(): number | null;
  /** Samples that another node took: to the board, not to the database. */
  mergeRemote(samples: readonly Sample[]): void;
};

export function createOpenInterestService(options: {
  persist: Persist;
  board: Board;
  universe: Pick<Universe, 'has' | 'members'>;
  clock: Clock;
  logger: Logger;
  metrics: OpenInterestMetrics;
  ingestLog: IngestLog;
  trace: Trace;
  past: Past;
  retentionDays: number;
  /** Throws while the node is starting or draining. */
  requireOpen: () => void;
  /** The board has changed: these samples are new on it. */
  onMerged: (samples: readonly Sample[]) => void;
  onItemsRefused: (items: readonly RejectedItem[], receivedAt: number) => void;
  /** The database did not take the chunk. */
  onNotStored: (thrown: unknown) => void;
  /** These samples are stored; those of `moved` as the newest of their symbols. */
  onCommitted: (samples: readonly Sample[], moved: readonly string[]) => void;
}): OpenInterestService {
  const { persist, board, clock, logger, metrics, ingestLog, trace, past } = options;
  const symbolLimit = createSymbolLimit({ board, universe: options.universe });
  let lastDataAt: number | null = null;

  async function ingest(call: IngestCall): Promise<OpenInterestIngestResponse> {
    let chunk: ParsedChunk | undefined;
    let status = 500;
    let stored: Persisted = { inserted: 0, stale: 0 };
    let fault: AppError | undefined;
    try {
      options.requireOpen();
      chunk = parse(call);
      const distinct = distinctSamples(chunk.samples.map((it) => it.sample));
      const strangers = findStrangers(distinct);
      const toBoard = new Set(distinct.filter((it) => !strangers.has(it)));
      const lives = merge(chunk, { toBoard, strangers }, call);
      try {
        stored = await persist(distinct, strangers);
      } catch (thrown) {
        fail(lives, thrown);
        options.onNotStored(thrown);
        throw asUnavailable(thrown);
      }
      commit(lives);
      const moved = chunk.samples.filter((_, i) => lives[i]?.outcome === 'replace');
      options.onCommitted(
        distinct,
        moved.map((it) => it.sample.symbol),
      );
      status = 200;
      return respond(chunk, stored);
    } catch (thrown) {
      if (thrown instanceof NoValidItemsError) chunk = thrown.chunk;
      if (thrown instanceof AppError) {
        status = thrown.status;
        fault = thrown;
      }
      throw thrown;
    } finally {
      account(call, { chunk, stored, status, fault });
    }
  }

  function parse(call: IngestCall): ParsedChunk {
    return parseChunk(call.body, {
      now: call.receivedAt,
      retentionDays: options.retentionDays,
      admits: symbolLimit.openChunk(),
    });
  }

  /**
   * Samples so old that their symbols would leave the board at the next look. They go to history alone: a sender of ever
   * new names with old times would otherwise fill the table of newest samples.
   */
  function findStrangers(samples: readonly Sample[]): ReadonlySet<Sample> {
    const unknown = samples.filter((it) => !board.get(it.symbol));
    if (unknown.length === 0) return new Set();
    let newestTs = 0;
    for (const { sample } of board.entries()) newestTs = Math.max(newestTs, sample.ts);
    return new Set(unknown.filter((it) => isExpired(it, newestTs, options.universe.has(it.symbol))));
  }

  /** The board must not keep what a later item of the chunk has replaced: `toBoard` has only what the database is given. */
  function merge(
    chunk: ParsedChunk,
    distinct: { toBoard: ReadonlySet<Sample>; strangers: ReadonlySet<Sample> },
    call: IngestCall,
  ): SampleLife[] {
    const mergedAt = clock.now();
    const changed: Sample[] = [];
    const lives = chunk.samples.map((parsed) => {
      const { symbol } = parsed.sample;
      const isHistory = parsed.sample.source === 'backfill' || distinct.strangers.has(parsed.sample);
      const outcome = isHistory
        ? 'history only'
        : distinct.toBoard.has(parsed.sample)
          ? board.apply(parsed.sample, 'poller')
          : 'same';
      if (outcome === 'replace') changed.push(parsed.sample);
      // What is not news still fills a hole in the past.
      else if (outcome !== 'same' && (board.get(symbol) || options.universe.has(symbol)))
        past.add(symbol, parsed.sample);
      return trace.received(parsed, {
        requestId: call.requestId,
        receivedAt: call.receivedAt,
        mergedAt: isHistory ? null : mergedAt,
        outcome,
      });
    });
    if (changed.length > 0) {
      lastDataAt = mergedAt;
      options.onMerged(changed);
    }
    return lives;
  }

  function commit(lives: readonly SampleLife[]): void {
    const now = clock.now();
    for (const life of lives) life.committedAt = now;
  }

  function fail(lives: readonly SampleLife[], thrown: unknown): void {
    for (const life of lives) life.failure = describeError(thrown);
  }

  function respond(chunk: ParsedChunk, stored: Persisted): OpenInterestIngestResponse {
    const response: OpenInterestIngestResponse = {
      success: chunk.rejected.length === 0,
      received: chunk.received,
      inserted: stored.inserted,
      duplicates: chunk.samples.length - stored.inserted,
      stale: stored.stale,
      withoutUsd: countWithoutUsd(chunk),
      rejected: chunk.rejected,
      cached: board.size(),
    };
    if (chunk.rejected.length > 0) {
      response.errors = chunk.rejected.map((it) => `data[${it.index}] ${it.symbol ?? '?'}: ${it.message}`);
    }
    return response;
  }

  function account(
    call: IngestCall,
    result: {
      chunk: ParsedChunk | undefined;
      stored: { inserted: number };
      status: number;
      fault: AppError | undefined;
    },
  ): void {
    const { chunk, status, fault } = result;
    const accepted = status === 200 ? (chunk?.samples.length ?? 0) : 0;
    const rejected = chunk?.rejected ?? [];
    const record = {
      at: call.receivedAt,
      requestId: call.requestId,
      keyId: call.keyId,
      source: chunk?.samples[0]?.sample.source ?? 'unknown',
      received: chunk?.received ?? 0,
      inserted: result.stored.inserted,
      duplicates: accepted - result.stored.inserted,
      rejected: rejected.length,
      withoutUsd: chunk ? countWithoutUsd(chunk) : 0,
      aheadMs: chunk?.newestTs == null ? null : chunk.newestTs - call.receivedAt,
      ms: clock.now() - call.receivedAt,
      status,
      reason:
        fault?.code ?? rejected[0]?.code ?? (chunk && countWithoutUsd(chunk) > 0 ? 'no_mark_price' : null),
      refusals: rejected.slice(0, 5),
    };
    ingestLog.record(record);
    options.onItemsRefused(rejected, call.receivedAt);
    metrics.chunks.inc({ status: String(status) });
    metrics.ingestSeconds.observe(record.ms / 1_000);
    if (status === 200) {
      metrics.samples.inc({ result: 'inserted' }, record.inserted);
      metrics.samples.inc({ result: 'duplicate' }, record.duplicates);
      metrics.samples.inc({ result: 'rejected' }, record.rejected);
    }
    for (const { code } of rejected) metrics.refusals.inc({ code });
    const { at: _at, refusals: _refusals, ...fields } = record;
    // One a second and more: what an operator reads is the line a minute of startIngestSummary.
    logger.debug(fields, status === 200 ? 'chunk ingested' : 'chunk refused');
  }

  return {
    ingest,
    lastDataAt: () => lastDataAt,
    mergeRemote(samples) {
      const now = clock.now();
      let changed = 0;
      for (const sample of samples) {
        if (isPlausible(sample, now) && board.apply(sample, 'poller') === 'replace') changed += 1;
      }
      if (changed > 0) lastDataAt = now;
    },
  };
}

function countWithoutUsd(chunk: ParsedChunk): number {
  return chunk.samples.filter((it) => it.sample.openInterestUsd === null).length;
}

function asUnavailable(thrown: unknown): unknown {
  if (thrown instanceof AppError || findDatabaseFault(thrown) === null) return thrown;
  return new UnavailableError(
    'database_unavailable',
    'The database did not take the chunk; nothing is acknowledged, send it again',
    { cause: thrown },
  );
}
