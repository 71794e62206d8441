import { isSorted, type HourColumns } from '../history/hourColumns.ts';
import { Source } from '../openInterest.types.ts';

/** Samples of one symbol by time, as columns; times are epoch ms. */
export type Points = {
  ts: Float64Array;
  createdAt: Float64Array;
  openInterest: Float64Array;
  /** Indices of `Source`. */
  sources: Uint8Array;
};

export const BACKFILL = Source.options.indexOf('backfill');

/** All samples by time. One that is in both tiers is there twice. */
export function flatten(columns: readonly HourColumns[]): Points {
  const sorted = columns.toSorted((a, b) => a.hour - b.hour);
  const length = sorted.reduce((total, it) => total + it.ts.length, 0);
  const points: Points = {
    ts: new Float64Array(length),
    createdAt: new Float64Array(length),
    openInterest: new Float64Array(length),
    sources: new Uint8Array(length),
  };
  let at = 0;
  for (const { ts, createdAt, openInterest, source } of sorted) {
    points.ts.set(ts, at);
    points.createdAt.set(createdAt, at);
    points.openInterest.set(openInterest, at);
    points.sources.fill(Source.options.indexOf(source), at, at + ts.length);
    at += ts.length;
  }
  return isSorted(points.ts) ? points : sortByTime(points);
}

function sortByTime({ ts, createdAt, openInterest, sources }: Points): Points {
  const order = Array.from(ts.keys()).sort((a, b) => ts[a]! - ts[b]!);
  return {
    ts: Float64Array.from(order, (i) => ts[i]!),
    createdAt: Float64Array.from(order, (i) => createdAt[i]!),
    openInterest: Float64Array.from(order, (i) => openInterest[i]!),
    sources: Uint8Array.from(order, (i) => sources[i]!),
  };
}

/** Index of the first time at or after `from`. */
export function firstFrom(ts: ArrayLike<number>, from: number): number {
  let [low, high] = [0, ts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ts[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
