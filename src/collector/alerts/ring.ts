import { firstAfter } from '../../kit/firstAfter.ts';

/** One reading of a symbol. */
export type RingPoint = {
  /** The exchange's time. */
  ts: number;
  /** Contracts. */
  openInterest: number;
  markPrice: number | null;
};

export type Ring = ReturnType<typeof createRing>;

/**
 * A symbol's recent readings, oldest first. Bounded in time and not in number: the poll interval changes with the universe
 * and with attention, and the longest window must be covered all the same. Keeps readings up to `horizonMs` older than the
 * newest one, and the last one before those.
 */
export function createRing({ horizonMs }: { horizonMs: number }) {
  let points: RingPoint[] = [];

  /** False for a reading that is not newer than the newest: the exchange has published nothing new. */
  function push(point: RingPoint): boolean {
    if (point.ts <= (points.at(-1)?.ts ?? -Infinity)) return false;
    points.push(point);
    // The last reading before the horizon is the base of a window that begins between it and the next.
    const expired = firstAfter(points, point.ts - horizonMs) - 1;
    if (expired > 0) points.splice(0, expired);
    return true;
  }

  return {
    push,
    /** Inserts readings from before the oldest one; ignores others. */
    fill(older: readonly RingPoint[]): void {
      const oldestTs = points[0]?.ts ?? Infinity;
      const added = older.filter((it) => it.ts < oldestTs).toSorted((a, b) => a.ts - b.ts);
      const known = points;
      points = [];
      for (const point of [...added, ...known]) push(point);
    },
    newestAtOrBefore: (ts: number): RingPoint | null => points[firstAfter(points, ts) - 1] ?? null,
    newest: (): RingPoint | null => points.at(-1) ?? null,
    oldest: (): RingPoint | null => points[0] ?? null,
    size: () => points.length,
  };
}
