import { memo, type ReactNode } from 'react';
import { UNKNOWN } from '../../kit/format.shared.ts';
import { Icon } from '../shell/Icon.tsx';
import { RowAge, useLineState } from './AgeText.tsx';
import { COLUMNS, type ChangeUnit, type ColumnKey } from './columns.ts';
import { known, renderFigure } from './figures.tsx';
import type { Line } from './lines.ts';
import { QUADRANT_LABELS, quadrantOf, type Window } from './quadrant.ts';
import { Sparkline } from './Sparkline.tsx';
import { SymbolName } from './SymbolName.tsx';

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
  if (key === 'symbol') {
    return (
      <>
        <SymbolName symbol={symbol} />
        <button type="button" className="to-lists" tabIndex={-1} aria-label={`Watchlists of ${symbol}`}>
          <Icon name="list" />
        </button>
      </>
    );
  }
  if (key === 'age') {
    return (
      <span className={props.tinted === 'age' ? 'tint' : ''}>
        <RowAge line={line} />
      </span>
    );
  }
  if (row === null) return <span className="muted">{UNKNOWN}</span>;
  if (key === 'spark') return <Sparkline spark={row.spark} change={row.d[3] ?? null} />;
  if (key === 'sector') return known(row.sectors?.join(', ') || UNKNOWN, 'The exchange names none');
  if (key !== 'quad') return renderFigure(key, { symbol, row, unit, tint: tint(props) });
  const quadrant = quadrantOf(row, props.window);
  if (quadrant === null) return known(UNKNOWN, 'Not enough history');
  return <span className={quadrant === 'mixed' ? 'muted' : ''}>{QUADRANT_LABELS[quadrant]}</span>;
}

function tint({ tinted, line }: RowProps): string {
  if (tinted !== 'values') return '';
  return (line.row?.d[0] ?? 0) < 0 ? 'tint tint-down' : 'tint tint-up';
}
