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
import { columnValue, type NumberColumn } from './columnValue.ts';
import { COLUMNS, isChange, type ChangeKey, type ChangeUnit } from './columns.ts';
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
  const value = columnValue(row, key, unit);
  if (isChange(key)) {
    const { measure } = COLUMNS[key].change;
    return measure === 'amount' ? <ChangeAmount value={value} /> : <Change value={value} />;
  }
  if (key === 'fund') return funding(row);
  if (key === 'oi') {
    return (
      <span className={tint} title={`${formatExact(row.openInterest)} ${splitSymbol(symbol).base}`}>
        {formatContracts(row.openInterest)}
      </span>
    );
  }
  const [write, reason] = WRITTEN[key];
  const text = known(write(value), reason);
  return key === 'usd' ? <span className={tint}>{text}</span> : text;
}

type Write = (value: number | null) => string;

/** How the value of a column is written, and why there is none. */
const WRITTEN: Readonly<
  Record<Exclude<NumberColumn, ChangeKey | 'fund' | 'oi'>, readonly [Write, reason: string]>
> = {
  mark: [formatPrice, 'No mark price'],
  usd: [formatUsd, 'No mark price'],
  unusual: [formatRatio, 'Too little history'],
  fund8: [formatFunding, 'No funding rate or no interval'],
  fundYear: [formatFraction, 'No funding rate or no interval'],
  vol: [formatUsd, 'Not in the liquid universe'],
  ratio: [formatRatio, 'No volume or no price'],
  cap: [formatCapShare, 'No circulating supply or no price'],
};

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
