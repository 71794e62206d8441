import type { ReactNode } from 'react';
import {
  describeFunding,
  formatContracts,
  formatExact,
  formatFraction,
  formatFunding,
  formatPrice,
  formatRatio,
  formatUsd,
  UNKNOWN,
} from '../../kit/format.shared.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { splitSymbol } from '../alerts/feed.ts';
import { Change, ChangeAmount } from './Change.tsx';
import { columnValue, ratioOf, type NumberColumn } from './columnValue.ts';
import { CHANGES, isChange, type ChangeUnit } from './columns.ts';
import { formatCapShare } from './marketCap.ts';

type Of = {
  readonly symbol: string;
  readonly row: HeldRow;
  readonly unit: ChangeUnit;
  /** The class of what marks a value as changed. */
  readonly tint?: string;
};

/** The number of a column, or a dash that says why it is unknown. */
export function renderFigure(key: NumberColumn, { symbol, row, unit, tint = '' }: Of): ReactNode {
  if (isChange(key)) {
    const value = columnValue(row, key, unit);
    return CHANGES[key].measure === 'amount' ? <ChangeAmount value={value} /> : <Change value={value} />;
  }
  switch (key) {
    case 'mark':
      return known(formatPrice(row.markPrice), 'No mark price');
    case 'oi':
      return (
        <span className={tint} title={`${formatExact(row.openInterest)} ${splitSymbol(symbol).base}`}>
          {formatContracts(row.openInterest)}
        </span>
      );
    case 'usd':
      return <span className={tint}>{known(formatUsd(row.openInterestUsd), 'No mark price')}</span>;
    case 'unusual':
      return known(formatRatio(columnValue(row, key, unit)), 'Too little history');
    case 'fund':
      return funding(row);
    case 'fund8':
      return known(formatFunding(columnValue(row, key, unit)), 'No funding rate or no interval');
    case 'fundYear':
      return known(formatFraction(columnValue(row, key, unit)), 'No funding rate or no interval');
    case 'vol':
      return known(formatUsd(row.volume24h), 'Not in the liquid universe');
    case 'ratio':
      return known(formatRatio(ratioOf(row)), 'No volume or no price');
    case 'cap':
      return known(formatCapShare(row), 'No circulating supply or no price');
  }
}

export function known(text: string, reason: string): ReactNode {
  if (text !== UNKNOWN) return text;
  return (
    <span className="muted" title={reason}>
      {UNKNOWN}
    </span>
  );
}

function funding({ fundingRate, fundingHours = null }: HeldRow): ReactNode {
  if (fundingRate === null) return known(UNKNOWN, 'No funding rate received');
  return (
    <span title={describeFunding(fundingRate, fundingHours)}>
      {/* Rates of other intervals than the usual one do not compare. */}
      {fundingHours !== null && fundingHours !== 8 && <small className="muted">{fundingHours}h </small>}
      {formatFunding(fundingRate)}
    </span>
  );
}
