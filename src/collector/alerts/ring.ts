/** One reading of a symbol. */
export type RingPoint = {
  /** The exchange's time. */
  ts: number;
  /** Contracts. */
  openInterest: number;
  markPrice: number | null;
};

const FIRST_CAPACITY = 64;

export type Ring = ReturnType<typeof createRing>;

/**
 * A symbol's readings of the last while, oldest first, bounded in time and not in number: how often a symbol is asked
 * changes with the universe and with what happens to it, and the longest window must be covered all the same.
 *
 * Keeps readings up to `horizonMs` older than the newest one, and the one before those.
 */
export function createRing(options: { horizonMs: number }) {
  const { horizonMs } = options;
  let columns = createColumns(FIRST_CAPACITY);
  /** Where the oldest reading stands. */
  let start = 0;
  let size = 0;

  const capacity = () => columns.ts.length;
  const place = (index: number) => (start + index) % capacity();
  const tsAt = (index: number) => columns.ts[place(index)]!;

  function pointAt(index: number): RingPoint {
    const at = place(index);
    const markPrice = columns.markPrice[at]!;
    return {
      ts: columns.ts[at]!,
      openInterest: columns.openInterest[at]!,
      markPrice: Number.isNaN(markPrice) ? null : markPrice,
    };
  }

  /** False for a reading that is not newer than the newest: the exchange had nothing new to say. */
  function push(point: RingPoint): boolean {
    if (size > 0 && point.ts <= tsAt(size - 1)) return false;
    forget(point.ts - horizonMs);
    if (size === capacity()) grow();
    const at = place(size);
    columns.ts[at] = point.ts;
    columns.openInterest[at] = point.openInterest;
    columns.markPrice[at] = point.markPrice ?? NaN;
    size += 1;
    return true;
  }

  /** The last reading before the horizon stays: it is the base of a window that begins between it and the next. */
  function forget(before: number): void {
    while (size > 1 && tsAt(1) <= before) {
      start = place(1);
      size -= 1;
    }
  }

  function grow(): void {
    const points = Array.from({ length: size }, (_, index) => pointAt(index));
    columns = createColumns(capacity() * 2);
    start = 0;
    size = 0;
    for (const point of points) push(point);
  }

  /** The number of readings that are not newer than `ts`. */
  function countUpTo(ts: number): number {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tsAt(middle) <= ts) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    push,
    /** Puts readings from before the oldest one in front of it; others are left out. */
    fill(older: readonly RingPoint[]): void {
      const oldestTs = size > 0 ? tsAt(0) : Infinity;
      const kept = Array.from({ length: size }, (_, index) => pointAt(index));
      const added = older.filter((it) => it.ts < oldestTs).toSorted((a, b) => a.ts - b.ts);
      start = 0;
      size = 0;
      for (const point of [...added, ...kept]) push(point);
    },
    /** The newest reading that is not newer than `ts`. */
    newestAtOrBefore(ts: number): RingPoint | null {
      const count = countUpTo(ts);
      return count === 0 ? null : pointAt(count - 1);
    },
    newest: () => (size === 0 ? null : pointAt(size - 1)),
    oldest: () => (size === 0 ? null : pointAt(0)),
    size: () => size,
  };
}

function createColumns(capacity: number) {
  return {
    ts: new Float64Array(capacity),
    openInterest: new Float64Array(capacity),
    markPrice: new Float64Array(capacity),
  };
}
