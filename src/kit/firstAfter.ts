/** Index of the first point after `ts`, in a list sorted by time; the number of points not newer than `ts`. */
export function firstAfter(points: readonly { ts: number }[], ts: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]!.ts <= ts) low = middle + 1;
    else high = middle;
  }
  return low;
}
