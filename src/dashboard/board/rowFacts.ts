import type { HeldBoard, HeldRow } from '../../client/sync.types.ts';
import type { DataKind } from './columns.ts';

type Rows = ReadonlyMap<string, HeldRow>;

/** What any row has. */
export function dataOf(rows: Rows | undefined): Readonly<Record<DataKind, boolean>> {
  const has = { funding: false, volume: false, supply: false, sectors: false };
  for (const row of rows?.values() ?? []) {
    has.funding ||= row.fundingRate !== null;
    has.volume ||= row.volume24h !== null;
    has.supply ||= Boolean(row.supply);
    has.sectors ||= Boolean(row.sectors?.length);
    if (Object.values(has).every(Boolean)) break;
  }
  return has;
}

/** The median interval between samples, in seconds. */
export function usualPace(rows: Rows | undefined): number {
  const paces = Array.from(rows?.values() ?? [], (it) => it.everySec).toSorted((a, b) => a - b);
  return paces[Math.floor(paces.length / 2)] ?? 30;
}

/** Counts rows that changed, were added or removed. Unchanged rows are the same objects. */
export function countChanges(before: Rows | undefined, after: Rows | undefined): number {
  if (!before || !after || before === after) return 0;
  let changes = 0;
  for (const [symbol, row] of after) if (before.get(symbol) !== row) changes += 1;
  for (const symbol of before.keys()) if (!after.has(symbol)) changes += 1;
  return changes;
}

/** A symbol's row, also when a filter hides it; `null`: never sampled; `undefined`: not on the board. */
export function findRow(board: HeldBoard | null, symbol: string): HeldRow | null | undefined {
  const row = board?.rows.get(symbol);
  if (row) return row;
  return board?.facts.universe.unsampled.includes(symbol) ? null : undefined;
}
