import type { HeldRow } from '../../client/sync.types.ts';
import { CHANGE_INDEX, type ColumnKey } from './columns.ts';
import type { ChangeUnit } from './view.ts';

/** The columns that are one number of the row. */
export type NumberColumn = Extract<
  ColumnKey,
  'mark' | 'oi' | 'usd' | 'd5' | 'd15' | 'd60' | 'd1440' | 'fund' | 'vol' | 'ratio'
>;

/** As the row carries it: changes in basis points, funding as a fraction. `null`: unknown. */
export function columnValue(row: HeldRow, key: NumberColumn, unit: ChangeUnit): number | null {
  switch (key) {
    case 'mark':
      return row.markPrice;
    case 'oi':
      return row.openInterest;
    case 'usd':
      return row.openInterestUsd;
    case 'fund':
      return row.fundingRate;
    case 'vol':
      return row.volume24h;
    case 'ratio':
      return ratioOf(row);
    case 'd5':
    case 'd15':
    case 'd60':
    case 'd1440':
      return (unit === 'usd' ? row.dUsd : row.d)[CHANGE_INDEX[key]!] ?? null;
  }
}

/** Open interest in USD over 24 h volume. */
export function ratioOf(row: { openInterestUsd: number | null; volume24h: number | null }): number | null {
  const { openInterestUsd, volume24h } = row;
  return openInterestUsd === null || volume24h === null || volume24h <= 0
    ? null
    : openInterestUsd / volume24h;
}
