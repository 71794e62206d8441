import { computeChanges, computeSpark } from './changes.ts';
import { SECOND_MS } from '../../kit/clock.ts';
import { WINDOWS, placeChanges } from './windows.shared.ts';
import { COARSE_BUCKET_MS, FINE_MS, createSeries, type Series, type SeriesPoint } from './series.ts';
import type { BoardChanges, Sample } from '../openInterest.types.ts';

/** What a row shows of its symbol's last day. */
type RowChanges = BoardChanges & { spark?: string | null };

/** A pace is read from at least this many gaps. */
const FEWEST_GAPS = 3;
const LAST_GAPS = 20;

const UNKNOWN = WINDOWS.map(() => null);

/** The changes of a board without a last day: the frozen ones. */
export const NO_CHANGES: RowChanges = placeChanges({ d: UNKNOWN, dUsd: UNKNOWN, p: UNKNOWN });

/** The last day of every symbol, fed with each accepted sample and, at start, from history. */
export function createLastDay() {
  const bySymbol = new Map<string, Series>();
  // A spark is computed once in two minutes, not with each sample.
  const sparks = new Map<string, { bucket: number; spark: string }>();
  // Symbols whose stored past is in their series.
  const filled = new Set<string>();

  function add(symbol: string, point: SeriesPoint): void {
    let series = bySymbol.get(symbol);
    if (series === undefined) {
      series = createSeries();
      bySymbol.set(symbol, series);
    }
    series.add(point);
  }

  function sparkOf(sample: Sample, series: Series): string | null {
    const bucket = Math.floor(sample.ts / COARSE_BUCKET_MS);
    const cached = sparks.get(sample.symbol);
    if (cached?.bucket === bucket) return cached.spark;
    const spark = computeSpark(series, sample.ts);
    // History that fills the past may make it known at any time.
    if (spark !== null) sparks.set(sample.symbol, { bucket, spark });
    return spark;
  }

  return {
    add,

    /** Adds the symbol's stored past. */
    fill(symbol: string, past: readonly SeriesPoint[]): void {
      for (const point of past) add(symbol, point);
      filled.add(symbol);
    },

    /** Whether the stored past was added since the symbol was last forgotten. */
    isFilled: (symbol: string): boolean => filled.has(symbol),

    /** The changes up to `sample`, which is part of the last day already. */
    describe(sample: Sample, everySec: number): RowChanges {
      const series = bySymbol.get(sample.symbol);
      if (series === undefined) return NO_CHANGES;
      return { ...computeChanges(series, sample, everySec), spark: sparkOf(sample, series) };
    },

    seriesOf: (symbol: string): Series | undefined => bySymbol.get(symbol),

    /** Seconds between the symbol's last samples; `null`: too few are known. */
    paceOf(symbol: string): number | null {
      const series = bySymbol.get(symbol);
      const newestTs = series?.newestTs();
      if (series === undefined || newestTs === undefined) return null;
      const times = series.timesAfter(newestTs - FINE_MS);
      const gaps = times.slice(1).map((ts, i) => (ts - times[i]!) / SECOND_MS);
      if (gaps.length < FEWEST_GAPS) return null;
      // History that fills a gap has longer distances than samples do, so the shorter gaps count.
      const sorted = gaps.slice(-LAST_GAPS).toSorted((a, b) => a - b);
      return Math.max(1, Math.round(sorted[Math.floor(sorted.length / 4)]!));
    },

    forget(symbol: string): void {
      bySymbol.delete(symbol);
      sparks.delete(symbol);
      filled.delete(symbol);
    },
  };
}

export type LastDay = ReturnType<typeof createLastDay>;
