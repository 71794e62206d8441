import { memo, type ReactNode } from 'react';
import type { HeldRow } from '../../client/sync.types.ts';
import { splitSymbol } from '../alerts/feed.ts';
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
import { Icon } from '../shell/Icon.tsx';
import { RowAge, useLineState } from './AgeText.tsx';
import { Change, ChangeAmount } from './Change.tsx';
import { columnValue, ratioOf } from './columnValue.ts';
import { CHANGES, COLUMNS, isChange, type ColumnKey } from './columns.ts';
import type { Line } from './lines.ts';
import { formatCapShare } from './marketCap.ts';
import { QUADRANT_LABELS, quadrantOf, type Window } from './quadrant.ts';
import { Sparkline } from './Sparkline.tsx';
import { SymbolName } from './SymbolName.tsx';
import type { ChangeUnit } from './columns.ts';

type RowProps = {
  line: Line;
  /** Position in the grid, the header being 1. */
  rowIndex: number;
  columns: readonly ColumnKey[];
  /** Shown to Free as one locked cell. */
  locked: readonly ColumnKey[];
  window: Window;
  unit: ChangeUnit;
  favourite: boolean;
  selected: boolean;
  /** What marks the row as changed: its values, or its age alone when too many rows changed. */
  tinted: 'values' | 'age' | null;
  /** The cell of this row that Tab leads to. */
  tabColumn: ColumnKey | null;
};

export const BoardRow = memo(function BoardRow(props: RowProps) {
  const { line, columns, locked, selected } = props;
  const state = useLineState(line);
  return (
    <tr
      role="row"
      aria-rowindex={props.rowIndex}
      aria-selected={selected}
      className={`row is-${state}`}
      data-symbol={line.symbol}
    >
      {columns.map((key, i) => {
        if (locked.includes(key)) return key === locked[0] ? lockedCell(props, i) : null;
        return (
          <td
            key={key}
            role="gridcell"
            aria-colindex={i + 1}
            className={`cell cell-${key} ${COLUMNS[key].align}`}
            tabIndex={props.tabColumn === key ? 0 : -1}
            data-column={key}
          >
            {renderCell(key, props)}
          </td>
        );
      })}
    </tr>
  );
});

/** One empty cell in place of the columns of Pro. The first row alone says why. */
function lockedCell({ locked, rowIndex, tabColumn }: RowProps, i: number): ReactNode {
  return (
    <td
      key="locked"
      role="gridcell"
      aria-colindex={i + 1}
      colSpan={locked.length}
      className="cell cell-locked"
      tabIndex={tabColumn === locked[0] ? 0 : -1}
      data-column={locked[0]}
      aria-label={rowIndex === 2 ? 'Locked: part of Pro' : undefined}
    >
      <span className="locked-line">
        <Icon name="lock" />
        {rowIndex === 2 ? 'Part of Pro' : null}
      </span>
    </td>
  );
}

function renderCell(key: ColumnKey, props: RowProps): ReactNode {
  const { line, unit } = props;
  const { row, symbol } = line;
  if (key === 'fav') {
    return (
      <button
        type="button"
        className="star"
        tabIndex={-1}
        aria-pressed={props.favourite}
        aria-label={`Favourite ${symbol}`}
      >
        <Icon name="star" filled={props.favourite} />
      </button>
    );
  }
  if (key === 'symbol') return <SymbolName symbol={symbol} />;
  if (key === 'age') {
    return (
      <span className={props.tinted === 'age' ? 'tint' : ''}>
        <RowAge line={line} />
      </span>
    );
  }
  if (row === null) return <span className="muted">{UNKNOWN}</span>;
  if (isChange(key)) {
    const value = columnValue(row, key, unit);
    return CHANGES[key].measure === 'amount' ? <ChangeAmount value={value} /> : <Change value={value} />;
  }
  switch (key) {
    case 'mark':
      return known(formatPrice(row.markPrice), 'No mark price');
    case 'oi':
      return (
        <span className={tint(props)} title={`${formatExact(row.openInterest)} ${splitSymbol(symbol).base}`}>
          {formatContracts(row.openInterest)}
        </span>
      );
    case 'usd':
      return <span className={tint(props)}>{known(formatUsd(row.openInterestUsd), 'No mark price')}</span>;
    case 'spark':
      return <Sparkline spark={row.spark} change={row.d[3] ?? null} />;
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
    case 'sector':
      return known(row.sectors?.join(', ') || UNKNOWN, 'The exchange names none');
    case 'quad': {
      const quadrant = quadrantOf(row, props.window);
      if (quadrant === null) return known(UNKNOWN, 'Not enough history');
      return <span className={quadrant === 'mixed' ? 'muted' : ''}>{QUADRANT_LABELS[quadrant]}</span>;
    }
  }
}

function tint({ tinted, line }: RowProps): string {
  if (tinted !== 'values') return '';
  return (line.row?.d[0] ?? 0) < 0 ? 'tint tint-down' : 'tint tint-up';
}

function known(text: string, reason: string): ReactNode {
  if (text !== UNKNOWN) return text;
  return (
    <span className="muted" title={reason}>
      {UNKNOWN}
    </span>
  );
}

function funding({ fundingRate, fundingHours = null }: HeldRow): ReactNode {
  if (fundingRate === null) return known(UNKNOWN, 'No funding rate received');
  return <span title={describeFunding(fundingRate, fundingHours)}>{formatFunding(fundingRate)}</span>;
}
