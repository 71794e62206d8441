import type { HeldRow } from '../sync/sync.types.ts';
import type { Line } from './lines.ts';
import type { BoardModel } from './useBoard.ts';

type Rows = ReadonlyMap<string, HeldRow>;

/** Which columns somebody sends something for. */
export function columnsWithData(rows: Rows | undefined): { funding: boolean; volume: boolean } {
  const has = { funding: false, volume: false };
  for (const row of rows?.values() ?? []) {
    has.funding ||= row.fundingRate !== null;
    has.volume ||= row.volume24h !== null;
    if (has.funding && has.volume) break;
  }
  return has;
}

/** The middle one of the symbols' seconds between samples. */
export function usualPace(rows: Rows | undefined): number {
  const paces = Array.from(rows?.values() ?? [], (it) => it.everySec).toSorted((a, b) => a - b);
  return paces[Math.floor(paces.length / 2)] ?? 30;
}

/** Rows that are other than they were: unchanged ones are the same objects. */
export function countChanges(before: Rows | undefined, after: Rows | undefined): number {
  if (!before || !after || before === after) return 0;
  let changes = 0;
  for (const [symbol, row] of after) if (before.get(symbol) !== row) changes += 1;
  for (const symbol of before.keys()) if (!after.has(symbol)) changes += 1;
  return changes;
}

/** A symbol of the board, also when a filter hides it. */
export function selectLine(model: BoardModel, symbol: string): Line | undefined {
  const row = model.board?.rows.get(symbol) ?? null;
  const isKnown = row !== null || model.board?.facts.universe.unsampled.includes(symbol);
  return isKnown ? { symbol, row } : undefined;
}
