import type { HeldRow } from '../../client/sync.types.ts';
import { unusualOf } from '../../openInterest/board/usual.shared.ts';
import { changeIn, type Window } from '../../openInterest/board/windows.shared.ts';
import { COLUMNS, isChange, type ChangeColumn, type ChangeKey, type ColumnKey } from './columns.ts';
import { capShareOf } from './marketCap.ts';
import { fundingIn, HOURS_A_YEAR } from './funding.ts';
import type { ChangeUnit } from './columns.ts';

/** The columns that are one number of the row. */
export type NumberColumn = Exclude<ColumnKey, 'fav' | 'symbol' | 'spark' | 'sector' | 'quad' | 'age'>;

/** As the row carries it: changes in basis points, amounts in USD, funding as a fraction. `null`: unknown. */
export function columnValue(row: HeldRow, key: NumberColumn, unit: ChangeUnit): number | null {
  return isChange(key) ? readChange(row, COLUMNS[key].change, unit) : READ[key](row);
}

const READ: Readonly<Record<Exclude<NumberColumn, ChangeKey>, (row: HeldRow) => number | null>> = {
  mark: (row) => row.markPrice,
  oi: (row) => row.openInterest,
  usd: (row) => row.openInterestUsd,
  unusual: (row) => unusualOf(row.usual, changeIn(row, 'd', '1h'), '1h'),
  fund: (row) => row.fundingRate,
  fund8: (row) => fundingIn(row, 8),
  fundYear: (row) => fundingIn(row, HOURS_A_YEAR),
  vol: (row) => row.volume24h,
  ratio: ratioOf,
  cap: capShareOf,
};

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
