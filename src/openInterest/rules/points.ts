import { Source } from '../openInterest.types.ts';

/** Samples of one symbol by time, as columns; times are epoch ms. One that is in both tiers is there twice. */
export type Points = {
  ts: Float64Array;
  createdAt: Float64Array;
  openInterest: Float64Array;
  /** Indices of `Source`. */
  sources: Uint8Array;
  /** The time since which samples are even (`evenPast.ts`) up to this one; Infinity where it is not even itself. */
  evenFrom: Float64Array;
};

export const BACKFILL = Source.options.indexOf('backfill');

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
