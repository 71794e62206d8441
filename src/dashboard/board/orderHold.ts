/**
 * The order in which rows stand. Values change in place at once, but rows that jump away under the pointer are what
 * people complain of most: they move every five seconds at most, and not while somebody is at them.
 */
export type HeldOrder = {
  readonly order: readonly string[];
  /** What the order is of: sort key, filters, query. Another one is somebody's wish and takes effect at once. */
  readonly of: string;
  readonly orderedAt: number;
  /** Rows that stand elsewhere than they would. */
  readonly moved: number;
};

export const REORDER_EVERY_MS = 5_000;

export function holdOrder(
  held: HeldOrder | null,
  wanted: { order: readonly string[]; of: string; now: number; busy: boolean; apply?: boolean },
): HeldOrder {
  const { order, of, now, busy, apply = false } = wanted;
  const fresh: HeldOrder = { order, of, orderedAt: now, moved: 0 };
  if (held === null || held.of !== of || apply || held.order.length === 0) return fresh;
  if (!busy && now - held.orderedAt >= REORDER_EVERY_MS)
    return sameOrder(held.order, order) ? { ...held, moved: 0, orderedAt: now } : fresh;

  // New ones are appended, those that left keep their place until rows move again.
  const known = new Set(held.order);
  const arrived = order.filter((it) => !known.has(it));
  const shown = arrived.length === 0 ? held.order : [...held.order, ...arrived];
  const moved = countMoved(shown, order);
  return shown === held.order && moved === held.moved ? held : { ...held, order: shown, moved };
}

function countMoved(shown: readonly string[], wanted: readonly string[]): number {
  const length = Math.max(shown.length, wanted.length);
  let moved = 0;
  for (let i = 0; i < length; i += 1) if (shown[i] !== wanted[i]) moved += 1;
  return moved;
}

function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && countMoved(a, b) === 0;
}
