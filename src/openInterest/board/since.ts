import type { BoardRow, RemovedRow } from '../openInterest.types.ts';
import type { Tombstones } from './tombstones.ts';

export type BoardRead = { full: boolean; from?: number; seq: number; rows: (BoardRow | RemovedRow)[] };

/** What changed after the window `known`, or everything where that is unknown. */
export function readSince(
  {
    rows,
    tombstones,
    seq,
  }: Readonly<{ rows: ReadonlyMap<string, { row: BoardRow }>; tombstones: Tombstones; seq: number }>,
  known: number | null,
): BoardRead {
  if (known === null || known < tombstones.forgottenSeq() || known > seq)
    return { full: true, seq, rows: Array.from(rows.values(), (it) => it.row) };
  const newer: (BoardRow | RemovedRow)[] = [];
  for (const { row } of rows.values()) if (row.seq > known) newer.push(row);
  for (const { row } of tombstones.values()) if (row.seq > known) newer.push(row);
  return { full: false, from: known, seq, rows: newer };
}
