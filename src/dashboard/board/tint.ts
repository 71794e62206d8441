import type { HeldRow } from '../sync/sync.types.ts';

/** What was last marked as changed, per symbol. */
export type Tinted = { readonly openInterest: number; readonly change5m: number | null; readonly at: number };

const MATERIAL = 0.001;
const ONCE_PER_MS = 1_000;
const MOST_TINTS = 30;

/** Every row changes in every cycle; only what changed enough, or turned, is worth an eye. */
export function tintOf(held: Tinted | undefined, row: HeldRow, now: number): Tinted | null {
  const change5m = row.d[0] ?? null;
  const next = { openInterest: row.openInterest, change5m, at: now };
  if (held === undefined || now - held.at < ONCE_PER_MS) return null;
  const moved = held.openInterest > 0 && Math.abs(row.openInterest / held.openInterest - 1) >= MATERIAL;
  const turned =
    held.change5m !== null && change5m !== null && Math.sign(held.change5m) * Math.sign(change5m) < 0;
  return moved || turned ? next : null;
}

/** Where the rows in sight that changed are marked: more values at once would be a flash of the whole table. */
export function placeOfTints(rows: number): 'values' | 'age' {
  return rows > MOST_TINTS ? 'age' : 'values';
}
