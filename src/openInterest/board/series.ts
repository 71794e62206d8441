import { DAY_MS, MINUTE_MS } from '../../kit/clock.ts';
import { firstAfter } from '../../kit/firstAfter.ts';
import { createHalfHours } from './halfHours.ts';

/** What a symbol's past says at one moment. `null` is unknown. */
export type SeriesPoint = {
  ts: number;
  openInterest: number;
  openInterestUsd: number | null;
  markPrice: number | null;
};

/** A little more than the longest window that is measured finely. */
export const FINE_MS = 65 * MINUTE_MS;
export const COARSE_BUCKET_MS = 2 * MINUTE_MS;
/** A little more than the longest window, so that its base is still there. */
export const KEPT_MS = DAY_MS + 10 * MINUTE_MS;
/** More points than one in four seconds improve nothing; older fine points are thinned out. */
export const MAX_FINE_POINTS = 1_000;

/**
 * A symbol's last day in memory, fine where changes over minutes are measured and coarse before: every sample of the last
 * hour, then the last sample of each two minutes. Enough to know the value at any moment of the day to within two
 * minutes, in a size that does not depend on how fast the symbol is polled.
 */
export function createSeries() {
  // Both oldest first. Everything in `coarse` is older than everything in `fine`.
  const coarse: SeriesPoint[] = [];
  const fine: SeriesPoint[] = [];
  const halfHours = createHalfHours();

  /** Points after `from`, oldest first. */
  const after = (from: number): readonly SeriesPoint[] => [
    ...coarse.slice(firstAfter(coarse, from)),
    ...fine.slice(firstAfter(fine, from)),
  ];

  return {
    /** Points may arrive in any order; of one moment the first counts. */
    add(point: SeriesPoint): void {
      halfHours.add(point.ts, point.openInterest);
      if (point.ts <= (coarse.at(-1)?.ts ?? -Infinity)) addToBucket(coarse, point);
      else addInOrder(fine, point);
      coarsen(fine, coarse);
    },
    /** The newest point at or before `ts`. */
    atOrBefore(ts: number): SeriesPoint | undefined {
      const fineIndex = firstAfter(fine, ts);
      return fineIndex > 0 ? fine[fineIndex - 1] : coarse[firstAfter(coarse, ts) - 1];
    },
    after,
    /** Their times, epoch ms. */
    timesAfter: (from: number): number[] => after(from).map((it) => it.ts),
    newestTs: () => fine.at(-1)?.ts ?? coarse.at(-1)?.ts,
    /** The last value of contracts of a half hour, counted since 1970. */
    lastOfHalfHour: halfHours.lastOf,
  };
}

export type Series = ReturnType<typeof createSeries>;

/** Adds a late point among the coarse ones: it counts if it is the last of its two minutes. */
function addToBucket(coarse: SeriesPoint[], point: SeriesPoint): void {
  const index = firstAfter(coarse, point.ts);
  const [before, after] = [coarse[index - 1], coarse[index]];
  if (after && bucketOf(after.ts) === bucketOf(point.ts)) return;
  if (before?.ts === point.ts) return;
  const replaced = before && bucketOf(before.ts) === bucketOf(point.ts) ? 1 : 0;
  coarse.splice(index - replaced, replaced, point);
}

/** Moves what is no longer recent into two-minute buckets and drops what is too old. */
function coarsen(fine: SeriesPoint[], coarse: SeriesPoint[]): void {
  const newestTs = fine.at(-1)?.ts ?? 0;
  const fineFrom = Math.max(newestTs - FINE_MS, fine.at(-MAX_FINE_POINTS)?.ts ?? 0);
  const aged = firstAfter(fine, fineFrom - 1);
  if (aged === 0) return;
  for (const point of fine.splice(0, aged)) {
    const last = coarse.at(-1);
    if (last && bucketOf(last.ts) === bucketOf(point.ts)) coarse[coarse.length - 1] = point;
    else coarse.push(point);
  }
  coarse.splice(0, firstAfter(coarse, newestTs - KEPT_MS));
}

/** Nearly always appends; a point of the same moment stays as it is. */
function addInOrder(points: SeriesPoint[], point: SeriesPoint): void {
  const index = (points.at(-1)?.ts ?? -Infinity) < point.ts ? points.length : firstAfter(points, point.ts);
  if (points[index - 1]?.ts === point.ts) return;
  points.splice(index, 0, point);
}

function bucketOf(ts: number): number {
  return Math.floor(ts / COARSE_BUCKET_MS);
}
