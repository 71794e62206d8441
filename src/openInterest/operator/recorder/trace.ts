import type { ParsedSample } from '../../ingest/parse.ts';

/**
 * The life of each symbol's last samples, stage by stage: what tells an operator in a second where a value stopped.
 * Times are epoch ms; `null` means the stage has not been reached or nobody reported it.
 */
export type SampleLife = {
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
  /** What the board made of it. */
  outcome: 'replace' | 'same' | 'older' | 'history only';
  committedAt: number | null;
  /** Why it was not committed. */
  failure: string | null;
  broadcastAt: number | null;
  /** The window that carried it. */
  seq: number | null;
};

export type Trace = {
  /** Opens a life for a sample that was accepted. */
  received(
    parsed: ParsedSample,
    life: Pick<SampleLife, 'requestId' | 'receivedAt' | 'mergedAt' | 'outcome'>,
  ): SampleLife;
  /** The window `seq` went out with these symbols. */
  broadcast(symbols: Iterable<string>, at: number, seq: number): void;
  /** Newest first. */
  of(symbol: string): readonly SampleLife[];
  forget(symbol: string): void;
};

const LIVES_PER_SYMBOL = 10;
/** More than a board holds: backfill brings symbols that the board never knows and never forgets. */
const MAX_SYMBOLS = 10_000;

export function createTrace(): Trace {
  /** The symbol that has been silent for longest first. */
  const lives = new Map<string, SampleLife[]>();

  return {
    received({ sample, fetchedAt, spooledAt }, given) {
      const life: SampleLife = {
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
      const ring = lives.get(sample.symbol) ?? [];
      ring.unshift(life);
      if (ring.length > LIVES_PER_SYMBOL) ring.pop();
      lives.delete(sample.symbol);
      lives.set(sample.symbol, ring);
      if (lives.size > MAX_SYMBOLS) lives.delete(lives.keys().next().value!);
      return life;
    },

    broadcast(symbols, at, seq) {
      for (const symbol of symbols) {
        const carried = lives.get(symbol)?.find((life) => life.outcome === 'replace');
        if (!carried || carried.broadcastAt !== null) continue;
        carried.broadcastAt = at;
        carried.seq = seq;
      }
    },

    of: (symbol) => lives.get(symbol) ?? [],
    forget: (symbol) => void lives.delete(symbol),
  };
}
