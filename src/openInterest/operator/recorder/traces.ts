import { BoundedMap } from '../../../kit/boundedMap.ts';
import type { MergeOutcome } from '../../board/merge.ts';
import type { ParsedSample } from '../../ingest/parse.ts';

/** One sample's steps through this node. Times are epoch ms; `null`: not reached, or not reported. */
export type SampleTrace = {
  /** The exchange's own time of the figure. */
  ts: number;
  source: string;
  openInterest: number;
  openInterestUsd: number | null;
  requestId: string;
  fetchedAt: number | null;
  spooledAt: number | null;
  receivedAt: number;
  mergedAt: number | null;
  outcome: TraceOutcome;
  committedAt: number | null;
  /** Why it was not committed. */
  failure: string | null;
  broadcastAt: number | null;
  /** The window that carried it. */
  seq: number | null;
};

/** What the board did with a sample; `history only`: it was not offered to the board. */
export type TraceOutcome = MergeOutcome | 'history only';

const TRACES_PER_SYMBOL = 10;
/** More than a board has: backfill brings symbols that the board never has and never evicts. */
const MAX_SYMBOLS = 10_000;

/** The last samples of each symbol, step by step: shows an operator where a value stopped. */
export function createTraces() {
  const bySymbol = new BoundedMap<string, SampleTrace[]>(MAX_SYMBOLS);

  return {
    /** Opens the trace of an accepted sample; the caller fills in the later steps. */
    open(
      { sample, fetchedAt, spooledAt }: ParsedSample,
      given: Pick<SampleTrace, 'requestId' | 'receivedAt' | 'mergedAt' | 'outcome'>,
    ): SampleTrace {
      const trace: SampleTrace = {
        ts: sample.ts,
        source: sample.source,
        openInterest: sample.openInterest,
        openInterestUsd: sample.openInterestUsd,
        fetchedAt,
        spooledAt,
        committedAt: null,
        failure: null,
        broadcastAt: null,
        seq: null,
        ...given,
      };
      const traces = bySymbol.get(sample.symbol) ?? [];
      traces.unshift(trace);
      if (traces.length > TRACES_PER_SYMBOL) traces.pop();
      bySymbol.set(sample.symbol, traces);
      return trace;
    },

    /** The window `seq` was published with the rows of these symbols. */
    published(symbols: Iterable<string>, at: number, seq: number): void {
      for (const symbol of symbols) {
        const carried = bySymbol.get(symbol)?.find((it) => it.outcome === 'replace');
        if (!carried || carried.broadcastAt !== null) continue;
        carried.broadcastAt = at;
        carried.seq = seq;
      }
    },

    /** Newest first. */
    of: (symbol: string): readonly SampleTrace[] => bySymbol.get(symbol) ?? [],
    forget: (symbol: string): void => void bySymbol.delete(symbol),
  };
}
