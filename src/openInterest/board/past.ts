import { computeChanges, computeSpark } from './changes.ts';
import { SECOND_MS } from '../../kit/clock.ts';
import { COARSE_BUCKET_MS, FINE_MS, createSeries, type Series, type SeriesPoint } from './series.ts';
import type { BoardChanges, Sample } from '../openInterest.types.ts';

/** The last day of every symbol, and what a row tells of it. Fed with each accepted sample, and from history at start. */
export type Past = {
  add(symbol: string, point: SeriesPoint): void;
  /** What the row of `sample` tells of the past. */
  describe(sample: Sample, everySec: number): RowPast;
  /** Seconds between its last samples; `null`: too few are known. */
  paceOf(symbol: string): number | null;
  forget(symbol: string): void;
};

export type RowPast = BoardChanges & { spark?: string | null };

/** A pace is read from so many gaps at least, and from the last ones. */
const FEWEST_GAPS = 3;
const LAST_GAPS = 20;

const UNKNOWN = [null, null, null, null];

/** A board that tells nothing of the past: the frozen ones. */
export const NO_PAST: RowPast = { d: UNKNOWN, dUsd: UNKNOWN, p: UNKNOWN };

export function createPast(): Past {
  const series = new Map<string, Series>();
  // A spark is drawn anew when two minutes have passed, not with each sample.
  const sparks = new Map<string, { bucket: number; spark: string }>();

  function sparkOf(sample: Sample, of: Series): string | null {
    const bucket = Math.floor(sample.ts / COARSE_BUCKET_MS);
    const drawn = sparks.get(sample.symbol);
    if (drawn?.bucket === bucket) return drawn.spark;
    const spark = computeSpark(of, sample.ts);
    if (spark !== null) sparks.set(sample.symbol, { bucket, spark });
    return spark;
  }

  return {
    add(symbol, point) {
      let of = series.get(symbol);
      if (of === undefined) {
        of = createSeries();
        series.set(symbol, of);
      }
      of.add(point);
    },

    describe(sample, everySec) {
      const of = series.get(sample.symbol);
      if (of === undefined) return NO_PAST;
      return { ...computeChanges(of, sample, everySec), spark: sparkOf(sample, of) };
    },

    paceOf(symbol) {
      const of = series.get(symbol);
      const newestTs = of?.newestTs();
      if (of === undefined || newestTs === undefined) return null;
      const times = of.after(newestTs - FINE_MS).map((it) => it.ts);
      const gaps = times.slice(1).map((ts, i) => (ts - times[i]!) / SECOND_MS);
      if (gaps.length < FEWEST_GAPS) return null;
      // History that fills a hole lies further apart than samples do, so the shorter gaps count.
      const sorted = gaps.slice(-LAST_GAPS).toSorted((a, b) => a - b);
      return Math.max(1, Math.round(sorted[Math.floor(sorted.length / 4)]!));
    },

    forget(symbol) {
      series.delete(symbol);
      sparks.delete(symbol);
    },
  };
}
