import type { HeldRow } from '../../client/sync.types.ts';
import { unusualOf } from '../../openInterest/board/usual.shared.ts';
import { changeIn, type Window } from '../../openInterest/board/windows.shared.ts';
import { CHANGES, isChange, type ChangeColumn, type ColumnKey } from './columns.ts';
import { capShareOf } from './marketCap.ts';
import { fundingIn, HOURS_A_YEAR } from './funding.ts';
import type { ChangeUnit } from './columns.ts';

/** The columns that are one number of the row. */
export type NumberColumn = Exclude<ColumnKey, 'fav' | 'symbol' | 'spark' | 'sector' | 'quad' | 'age'>;

/** As the row carries it: changes in basis points, amounts in USD, funding as a fraction. `null`: unknown. */
export function columnValue(row: HeldRow, key: NumberColumn, unit: ChangeUnit): number | null {
  if (isChange(key)) return readChange(row, CHANGES[key], unit);
  switch (key) {
    case 'mark':
      return row.markPrice;
    case 'oi':
      return row.openInterest;
    case 'usd':
      return row.openInterestUsd;
    case 'unusual':
      return unusualOf(row.usual, changeIn(row, 'd', '1h'), '1h');
    case 'fund':
      return row.fundingRate;
    case 'fund8':
      return fundingIn(row, 8);
    case 'fundYear':
      return fundingIn(row, HOURS_A_YEAR);
    case 'vol':
      return row.volume24h;
    case 'ratio':
      return ratioOf(row);
    case 'cap':
      return capShareOf(row);
  }
}

function readChange(row: HeldRow, { measure, window }: ChangeColumn, unit: ChangeUnit): number | null {
  if (measure === 'amount') return amountOf(row, window);
  return changeIn(row, measure === 'price' ? 'p' : unit === 'usd' ? 'dUsd' : 'd', window);
}

/** What the value in USD has changed by. The row's change is whole basis points, so the digits below one are left out. */
export function amountOf(row: HeldRow, window: Window): number | null {
  const { openInterestUsd } = row;
  const change = changeIn(row, 'dUsd', window);
  // All of it is gone: what it was cannot be computed.
  if (openInterestUsd === null || change === null || change <= -10_000) return null;
  const amount = openInterestUsd - openInterestUsd / (1 + change / 10_000);
  const digits = Math.max(1, Math.ceil(Math.log10(Math.abs(change) + 1)));
  return Number(amount.toPrecision(digits));
}

/** Open interest in USD over 24 h volume. */
export function ratioOf(row: { openInterestUsd: number | null; volume24h: number | null }): number | null {
  const { openInterestUsd, volume24h } = row;
  return openInterestUsd === null || volume24h === null || volume24h <= 0
    ? null
    : openInterestUsd / volume24h;
}
