import { isExpired } from '../board/eviction.ts';
import { distinctSamples } from '../board/merge.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { ChunkRequest } from '../operator/recorder/ingestRecord.ts';
import type { ChunkTrace, MergedSample } from '../operator/recorder/recorder.ts';
import type { Sample } from '../openInterest.types.ts';
import type { ParsedChunk } from './parse.ts';

export type MergedChunk = {
  /** Distinct and in the order that Postgres needs. */
  toStore: Sample[];
  /** Those of `toStore` that go to history alone: so old that their symbols would leave the board at once. */
  tooOld: ReadonlySet<Sample>;
  /** The samples that are new on the board. */
  changed: Sample[];
  /** The samples that went to the last day of their symbols alone. */
  past: Sample[];
  traces: ChunkTrace;
};

/** Merges each sample of a chunk into the board, or into its symbol's last day where it is not the newest. */
export function mergeChunk(ctx: OpenInterestContext, chunk: ParsedChunk, call: ChunkRequest): MergedChunk {
  const toStore = distinctSamples(chunk.samples.map((it) => it.sample));
  const tooOld = findTooOld(ctx, toStore);
  // Of two samples of one moment the last one counts, for the board as for the database.
  const distinct = new Set(toStore);
  const mergedAt = ctx.clock.now();
  const changed: Sample[] = [];
  const past: Sample[] = [];
  const merged = chunk.samples.map((parsed): MergedSample => {
    const { sample } = parsed;
    if (sample.source === 'backfill' || tooOld.has(sample)) {
      if (fillLastDay(ctx, sample)) past.push(sample);
      return { parsed, outcome: 'history only', mergedAt: null };
    }
    const outcome = distinct.has(sample) ? ctx.board.apply(sample, 'poller') : 'same';
    if (outcome === 'replace') changed.push(sample);
    if (outcome === 'older' && fillLastDay(ctx, sample)) past.push(sample);
    return { parsed, outcome, mergedAt };
  });
  return { toStore, tooOld, changed, past, traces: ctx.recorder.merged(call, merged) };
}

/**
 * Samples of symbols that are not on the board and would leave it at the next eviction. A sender of ever new names with
 * old times would otherwise fill the table of newest samples.
 */
function findTooOld(
  { board, universe }: OpenInterestContext,
  samples: readonly Sample[],
): ReadonlySet<Sample> {
  const unknown = samples.filter((it) => !board.get(it.symbol));
  if (unknown.length === 0) return new Set();
  const newestTs = board.newestTs();
  return new Set(unknown.filter((it) => isExpired(it, newestTs, universe.has(it.symbol))));
}

/** A sample that is not the newest still fills a gap in the last day of a symbol that is shown. Answers whether it is. */
export function fillLastDay({ board, universe }: OpenInterestContext, sample: Sample): boolean {
  const isShown = board.get(sample.symbol) !== undefined || universe.has(sample.symbol);
  if (isShown) board.fillLastDay(sample.symbol, sample);
  return isShown;
}
