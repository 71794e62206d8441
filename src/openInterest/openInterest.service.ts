import type { Clock } from '../kit/clock.ts';
import { AppError, UnavailableError } from '../kit/errors.ts';
import { findDatabaseFault } from '../platform/database/fault.ts';
import type { Board } from './board/board.ts';
import { isPlausible } from './cluster/plausible.ts';
import { isExpired } from './board/eviction.ts';
import { distinctSamples } from './board/merge.ts';
import type { Past } from './board/past.ts';
import { NoValidItemsError, parseChunk, type ParsedChunk } from './ingest/parse.ts';
import type { Persist } from './ingest/persist.ts';
import type { Persisted } from './history/samples.repository.ts';
import { createSymbolLimit } from './ingest/symbolLimit.ts';
import { countWithoutUsd } from './operator/recorder/ingestRecord.ts';
import type { ChunkTrace, Recorder } from './operator/recorder/recorder.ts';
import type { OpenInterestIngestResponse } from './ingest/ingest.types.ts';
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
  recorder: Recorder;
  past: Past;
  retentionDays: number;
  /** Throws while the node is starting or draining. */
  requireOpen: () => void;
  /** The board has changed: these samples are new on it. */
  onMerged: (samples: readonly Sample[]) => void;
  /** These samples are stored. */
  onCommitted: (samples: readonly Sample[]) => void;
}): OpenInterestService {
  const { persist, board, clock, recorder, past } = options;
  const symbolLimit = createSymbolLimit({ board, universe: options.universe });
  let lastDataAt: number | null = null;

  async function ingest(call: IngestCall): Promise<OpenInterestIngestResponse> {
    let chunk: ParsedChunk | undefined;
    let status = 500;
    let stored: Persisted = { inserted: 0, stale: 0 };
    let code: string | null = null;
    try {
      options.requireOpen();
      chunk = parse(call);
      const distinct = distinctSamples(chunk.samples.map((it) => it.sample));
      const strangers = findStrangers(distinct);
      const toBoard = new Set(distinct.filter((it) => !strangers.has(it)));
      const trace = merge(chunk, { toBoard, strangers }, call);
      try {
        stored = await persist(distinct, strangers);
      } catch (thrown) {
        recorder.failed(trace, thrown);
        throw asUnavailable(thrown);
      }
      recorder.committed(trace);
      options.onCommitted(distinct);
      status = 200;
      return respond(chunk, stored);
    } catch (thrown) {
      if (thrown instanceof NoValidItemsError) chunk = thrown.chunk;
      if (thrown instanceof AppError) {
        status = thrown.status;
        code = thrown.code;
      }
      throw thrown;
    } finally {
      recorder.answered(call, { chunk, inserted: stored.inserted, status, code });
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
  ): ChunkTrace {
    const mergedAt = clock.now();
    const changed: Sample[] = [];
    const merged = chunk.samples.map((parsed) => {
      const { symbol } = parsed.sample;
      const isHistory = parsed.sample.source === 'backfill' || distinct.strangers.has(parsed.sample);
      const outcome = isHistory
        ? ('history only' as const)
        : distinct.toBoard.has(parsed.sample)
          ? board.apply(parsed.sample, 'poller')
          : ('same' as const);
      if (outcome === 'replace') changed.push(parsed.sample);
      // What is not news still fills a hole in the past.
      else if (outcome !== 'same' && (board.get(symbol) || options.universe.has(symbol)))
        past.add(symbol, parsed.sample);
      return { parsed, outcome, mergedAt: isHistory ? null : mergedAt };
    });
    const trace = recorder.merged(call, merged);
    if (changed.length > 0) {
      lastDataAt = mergedAt;
      options.onMerged(changed);
    }
    return trace;
  }

  function respond(chunk: ParsedChunk, stored: Persisted): OpenInterestIngestResponse {
    const response: OpenInterestIngestResponse = {
      success: chunk.rejected.length === 0,
      received: chunk.received,
      inserted: stored.inserted,
      duplicates: chunk.samples.length - stored.inserted,
      stale: stored.stale,
      withoutUsd: countWithoutUsd(chunk.samples),
      rejected: chunk.rejected,
      cached: board.size(),
    };
    if (chunk.rejected.length > 0) {
      response.errors = chunk.rejected.map((it) => `data[${it.index}] ${it.symbol ?? '?'}: ${it.message}`);
    }
    return response;
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

function asUnavailable(thrown: unknown): unknown {
  if (thrown instanceof AppError || findDatabaseFault(thrown) === null) return thrown;
  return new UnavailableError(
    'database_unavailable',
    'The database did not take the chunk; nothing is acknowledged, send it again',
    { cause: thrown },
  );
}
