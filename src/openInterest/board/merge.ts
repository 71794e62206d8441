import type { Sample, Source } from '../openInterest.types.ts';

/** The same order as `open_interest_source_rank` in the database. */
const SOURCE_RANK: Readonly<Record<Source, number>> = {
  realtime: 3,
  snapshot: 2,
  snapshot_legacy: 1,
  backfill: 0,
};

type Moment = Pick<Sample, 'ts' | 'source'>;

/**
 * The one order of a symbol's samples: by exchange time, then by source. It is total, so the order in which samples
 * arrive decides nothing. Positive: `a` is newer.
 */
export function compareMoments(a: Moment, b: Moment): number {
  return a.ts - b.ts || SOURCE_RANK[a.source] - SOURCE_RANK[b.source];
}

export function sourceRank(source: Source): number {
  return SOURCE_RANK[source];
}

/**
 * Of each (symbol, ts, source) the last one given, sorted by symbol, then from old to new. Sorted, because two chunks
 * that lock the same rows in different orders deadlock in Postgres.
 */
export function distinctSamples(samples: readonly Sample[]): Sample[] {
  const byKey = new Map<string, Sample>();
  for (const sample of samples) byKey.set(`${sample.symbol} ${sample.ts} ${sample.source}`, sample);
  return [...byKey.values()].sort((a, b) =>
    a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : compareMoments(a, b),
  );
}

export type MergeOutcome = 'replace' | 'same' | 'older';

/**
 * Decides between the board's sample of a symbol and another one that arrives; `older` and `same` leave the board as it is.
 *
 * A poller's sample must be strictly newer. A stored sample also wins at the same moment, because the first stored value
 * is final: a node that received a different value of that moment first has to correct itself.
 */
export function mergeSample(
  current: Sample | undefined,
  arriving: Sample,
  from: 'poller' | 'database',
): MergeOutcome {
  if (arriving.source === 'backfill') return 'older';
  if (current === undefined) return 'replace';
  const order = compareMoments(arriving, current);
  if (order > 0) return 'replace';
  if (order < 0) return 'older';
  return from === 'database' && !sameValues(current, arriving) ? 'replace' : 'same';
}

function sameValues(a: Sample, b: Sample): boolean {
  return (
    a.openInterest === b.openInterest &&
    a.openInterestUsd === b.openInterestUsd &&
    a.markPrice === b.markPrice &&
    a.fundingRate === b.fundingRate
  );
}
