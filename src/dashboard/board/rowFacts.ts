import type { HeldBoard, HeldRow } from '../../client/sync.types.ts';

type WithData = Record<'hasFunding' | 'hasVolume' | 'hasSupply' | 'hasSectors', boolean>;
type Rows = ReadonlyMap<string, HeldRow>;

/** Which optional columns any row has a value for. */
export function columnsWithData(rows: Rows | undefined): WithData {
  const has = { hasFunding: false, hasVolume: false, hasSupply: false, hasSectors: false };
  for (const row of rows?.values() ?? []) {
    has.hasFunding ||= row.fundingRate !== null;
    has.hasVolume ||= row.volume24h !== null;
    has.hasSupply ||= Boolean(row.supply);
    has.hasSectors ||= Boolean(row.sectors?.length);
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
