import { useLayoutEffect, useRef, type RefObject } from 'react';
import {
  useBoard,
  useColumns,
  useDashboard,
  useFavourites,
  useSettings,
  useView,
} from '../shell/useDashboard.ts';
import { useMedia } from '../shell/useMedia.ts';
import { BoardRow } from './BoardRow.tsx';
import { COLUMNS, widthOf, type ColumnKey } from './columns.ts';
import { EmptyBoard } from './EmptyBoard.tsx';
import { HeaderCell } from './HeaderCell.tsx';
import type { Line } from './lines.ts';
import { placeOfTints } from './tint.ts';
import { useBusy } from './useBusy.ts';
import { useGrid, type ActiveCell } from './useGrid.ts';
import { useRowWindow } from './useRowWindow.ts';
import './table.css';

const HEADER_HEIGHT = 36;
const ROW_HEIGHT = { normal: 36, compact: 28 } as const;

/** As the style sheet has it. */
const LOW = '(min-width: 720px) and (max-height: 600px)';

/** Figures that are further apart are hard to read as a row. */
const WIDEST_STRETCH = 1.35;

/** The table. Only the rows in sight are rendered: the layout of all of them costs ten times as much. */
export function BoardTable() {
  const lines = useBoard((it) => it.lines);
  const { shown: columns, locked, fullWidth } = useColumns();
  const density = useSettings((it) => it.density);
  const rowHeight = ROW_HEIGHT[useMedia(LOW) ? 'compact' : density];
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRowWindow({
    scrollRef: scroller,
    inner: true,
    count: lines.length,
    rowHeight,
    covered: HEADER_HEIGHT,
  });
  const grid = useGrid({ scroller, lines, columns, rowHeight, scrollTo: rows.scrollTo });
  const width = widthOf(columns);
  useRoom(scroller);

  return (
    <div
      className="board"
      ref={scroller}
      id="table"
      tabIndex={-1}
      style={{ maxWidth: fullWidth * WIDEST_STRETCH }}
    >
      <table
        role="grid"
        aria-label="Open interest by symbol"
        aria-rowcount={lines.length + 1}
        aria-colcount={columns.length}
        style={{ minWidth: width }}
        onClick={grid.onClick}
        onKeyDown={grid.onKeyDown}
        onFocus={grid.onFocus}
      >
        <Widths columns={columns} width={width} />
        <thead>
          <tr role="row" aria-rowindex={1}>
            {columns.map((key, i) => (
              <HeaderCell
                key={key}
                column={key}
                index={i + 1}
                locked={locked.includes(key)}
                tabbable={grid.active.symbol === null && grid.active.column === key}
              />
            ))}
          </tr>
        </thead>
        <tbody {...useBusy()}>
          <Spacer height={rows.from * rowHeight} />
          <Rows
            lines={lines.slice(rows.from, rows.to)}
            from={rows.from}
            columns={columns}
            locked={locked}
            active={grid.active}
          />
          <Spacer height={(lines.length - rows.to) * rowHeight} />
        </tbody>
      </table>
      {lines.length === 0 && (
        <div className="board-empty">
          <EmptyBoard />
        </div>
      )}
    </div>
  );
}

/** Tells the page how wide the table can be without scrolling sideways. */
function useRoom(scroller: RefObject<HTMLElement | null>): void {
  const { page } = useDashboard();
  useLayoutEffect(() => {
    const board = scroller.current!;
    const measure = (): void => page.setState({ tableRoom: board.clientWidth });
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(board);
    return () => sizes.disconnect();
  }, [page, scroller]);
}

/** Shares of the table's width, in proportion to what the columns need. */
function Widths({ columns, width }: { columns: readonly ColumnKey[]; width: number }) {
  return (
    <colgroup>
      {columns.map((key) => (
        <col key={key} style={{ width: `${(COLUMNS[key].width / width) * 100}%` }} />
      ))}
    </colgroup>
  );
}

function Rows(props: {
  lines: readonly Line[];
  /** The position of the first line in the table. */
  from: number;
  columns: readonly ColumnKey[];
  locked: readonly ColumnKey[];
  active: ActiveCell;
}) {
  const { lines, from, columns, locked, active } = props;
  const tinted = useBoard((it) => it.tints.fresh);
  const window = useView((it) => it.window);
  const unit = useView((it) => it.unit);
  const selected = useView((it) => it.symbol);
  const favourites = useFavourites((it) => it);
  const place = placeOfTints(lines.filter((it) => tinted.has(it.symbol)).length);
  return lines.map((line, i) => (
    <BoardRow
      key={line.symbol}
      line={line}
      rowIndex={from + i + 2}
      columns={columns}
      locked={locked}
      window={window}
      unit={unit}
      favourite={favourites.has(line.symbol)}
      selected={selected === line.symbol}
      tinted={tinted.has(line.symbol) ? place : null}
      tabColumn={active.symbol === line.symbol ? active.column : null}
    />
  ));
}

/** In place of the rows out of sight. */
function Spacer({ height }: { height: number }) {
  return height > 0 && <tr aria-hidden="true" role="presentation" style={{ height }} />;
}
