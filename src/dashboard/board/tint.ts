import type { HeldBoard, HeldRow } from '../../client/sync.types.ts';

/** The values at which a symbol was last marked as changed. */
type Tinted = { readonly openInterest: number; readonly change5m: number | null; readonly at: number };

const MATERIAL = 0.001;
const ONCE_PER_MS = 1_000;
const MOST_TINTS = 30;
const SHOWN_MS = 2_000;

export type Tints = {
  readonly marks: ReadonlyMap<string, Tinted>;
  /** The symbols marked within the last two seconds. */
  readonly fresh: ReadonlySet<string>;
};

export const NO_TINTS: Tints = { marks: new Map(), fresh: new Set() };

/** Marks the rows that changed materially. A symbol's first row is where its changes are counted from. */
export function nextTints(before: Tints, board: HeldBoard | null, now: number): Tints {
  const marks = new Map(before.marks);
  const fresh = new Set<string>();
  for (const [symbol, row] of board?.rows ?? []) {
    const held = marks.get(symbol);
    const mark =
      held === undefined
        ? { openInterest: row.openInterest, change5m: row.d[0] ?? null, at: -Infinity }
        : (tintOf(held, row, now) ?? held);
    marks.set(symbol, mark);
    if (now - mark.at < SHOWN_MS) fresh.add(symbol);
  }
  const isSame = fresh.size === before.fresh.size && [...fresh].every((it) => before.fresh.has(it));
  return { marks, fresh: isSame ? before.fresh : fresh };
}

/** Every row changes in every cycle: only a material change of contracts, or of the direction, is marked. */
export function tintOf(held: Tinted | undefined, row: HeldRow, now: number): Tinted | null {
  const change5m = row.d[0] ?? null;
  const next = { openInterest: row.openInterest, change5m, at: now };
  if (held === undefined || now - held.at < ONCE_PER_MS) return null;
  const moved = held.openInterest > 0 && Math.abs(row.openInterest / held.openInterest - 1) >= MATERIAL;
  const turned =
    held.change5m !== null && change5m !== null && Math.sign(held.change5m) * Math.sign(change5m) < 0;
  return moved || turned ? next : null;
}

/** Marks ages instead of values when many rows in sight changed: the whole table would flash. */
export function placeOfTints(rows: number): 'values' | 'age' {
  return rows > MOST_TINTS ? 'age' : 'values';
}
