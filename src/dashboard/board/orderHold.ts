/**
 * The order of the rows. Values update in place immediately; rows move every five seconds at most, and not while the user
 * interacts with them, because rows that jump away from the pointer cannot be used.
 */
export type HeldOrder = {
  readonly order: readonly string[];
  /** Sort key, filters and query. The user changes them, so another value takes effect immediately. */
  readonly of: string;
  readonly orderedAt: number;
  /** Rows that are not where the sort would put them. */
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
