import { DAY_MS, MINUTE_MS } from '../../kit/clock.ts';
import { createHalfHours, type HalfHours } from './halfHours.ts';

/** What a symbol's past says at one moment. `null` is unknown. */
export type SeriesPoint = {
  ts: number;
  openInterest: number;
  openInterestUsd: number | null;
  markPrice: number | null;
};

/**
 * A symbol's last day in memory, fine where changes over minutes are measured and coarse behind: every sample of the last
 * hour, then the last sample of each two minutes. Enough to tell what stood at any moment of the day to within two
 * minutes, in a size that does not depend on how fast the symbol is polled.
 */
export type Series = {
  /** Points may come in any order; one that is there already is left alone. */
  add(point: SeriesPoint): void;
  /** The newest point at or before `ts`. */
  atOrBefore(ts: number): SeriesPoint | undefined;
  /** Points after `from`, oldest first. */
  after(from: number): readonly SeriesPoint[];
  newestTs(): number | undefined;
  /** The same past, one value of contracts each half hour. */
  halfHours: Pick<HalfHours, 'lastOf'>;
};

/** A little more than the longest window that is measured finely. */
export const FINE_MS = 65 * MINUTE_MS;
export const COARSE_BUCKET_MS = 2 * MINUTE_MS;
/** A little more than the longest window, so that its base is still there. */
export const KEPT_MS = DAY_MS + 10 * MINUTE_MS;
/** Faster than one poll in four seconds nothing is gained; older fine points are thinned out. */
const MAX_FINE_POINTS = 1_000;

export function createSeries(): Series {
  // Both oldest first. Everything in `coarse` is older than everything in `fine`.
  const coarse: SeriesPoint[] = [];
  const fine: SeriesPoint[] = [];
  const halfHours = createHalfHours();

  function add(point: SeriesPoint): void {
    halfHours.add(point.ts, point.openInterest);
    const isCoarse = point.ts <= (coarse.at(-1)?.ts ?? -Infinity);
    if (isCoarse) addToBucket(point);
    else addInOrder(fine, point);
    settle();
  }

  /** A late point among the coarse ones: it counts if it is the last of its two minutes. */
  function addToBucket(point: SeriesPoint): void {
    const index = firstAfter(coarse, point.ts);
    const [before, after] = [coarse[index - 1], coarse[index]];
    if (after && bucketOf(after.ts) === bucketOf(point.ts)) return;
    if (before?.ts === point.ts) return;
    const replaced = before && bucketOf(before.ts) === bucketOf(point.ts) ? 1 : 0;
    coarse.splice(index - replaced, replaced, point);
  }

  /** Moves what is no longer recent into two-minute buckets and forgets what is too old. */
  function settle(): void {
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

  return {
    add,
    atOrBefore(ts) {
      const fineIndex = firstAfter(fine, ts);
      if (fineIndex > 0) return fine[fineIndex - 1];
      return coarse[firstAfter(coarse, ts) - 1];
    },
    after(from) {
      const recent = fine.slice(firstAfter(fine, from));
      const older = coarse.slice(firstAfter(coarse, from));
      return [...older, ...recent];
    },
    halfHours,
    newestTs: () => fine.at(-1)?.ts ?? coarse.at(-1)?.ts,
  };
}

/** Nearly always the newest one; a point that is there already is left alone. */
function addInOrder(points: SeriesPoint[], point: SeriesPoint): void {
  const index = (points.at(-1)?.ts ?? -Infinity) < point.ts ? points.length : firstAfter(points, point.ts);
  if (points[index - 1]?.ts === point.ts) return;
  points.splice(index, 0, point);
}

/** Index of the first point after `ts`, in a list that is sorted by time. */
function firstAfter(points: readonly SeriesPoint[], ts: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]!.ts <= ts) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bucketOf(ts: number): number {
  return Math.floor(ts / COARSE_BUCKET_MS);
}
