import { useRef, type ReactNode } from 'react';
import { Icon } from '../shell/Icon.tsx';
import { BoardRow } from './BoardRow.tsx';
import { COLUMNS, type ColumnKey } from './columns.ts';
import { stateOfLine } from './lines.ts';
import { nextSort } from './sort.ts';
import { placeOfTints } from './tint.ts';
import type { BoardModel } from './useBoard.ts';
import { useGrid } from './useGrid.ts';
import { useTints } from './useTints.ts';
import { useRowWindow } from './useRowWindow.ts';
import type { SortKey, View } from './view.ts';

const HEADER_HEIGHT = 36;

/** The table. Only the rows in sight are in the page: layout is what costs, ten times as much for all of them. */
export function BoardTable(props: {
  model: BoardModel;
  view: View;
  columns: readonly ColumnKey[];
  locked: readonly ColumnKey[];
  favourites: ReadonlySet<string>;
  rowHeight: number;
  onSort: (sort: View['sort']) => void;
  onOpen: (symbol: string) => void;
  onFavourite: (symbol: string) => void;
  onGone: (symbol: string) => void;
  onLocked: () => void;
  /** Somebody is at the rows: they must not move. */
  onBusy: (busy: boolean) => void;
  empty: ReactNode;
}) {
  const { model, view, columns, locked, rowHeight } = props;
  const { lines, mode, tableNow } = model;
  const scroller = useRef<HTMLDivElement>(null);
  const here = useRef({ pointer: false, focus: false });
  const tinted = useTints(model.board, tableNow);

  const rows = useRowWindow({
    element: scroller,
    inner: true,
    count: lines.length,
    rowHeight,
    covered: HEADER_HEIGHT,
  });
  const grid = useGrid({
    scroller,
    lines,
    columns,
    rowHeight,
    scrollTo: rows.scrollTo,
    onOpen: props.onOpen,
    onFavourite: props.onFavourite,
    onGone: props.onGone,
  });

  function note(change: Partial<{ pointer: boolean; focus: boolean }>): void {
    Object.assign(here.current, change);
    props.onBusy(here.current.pointer || here.current.focus);
  }

  const inSight = lines.slice(rows.from, rows.to);
  const place = placeOfTints(inSight.filter((it) => tinted.has(it.symbol)).length);
  const totalWidth = columns.reduce((sum, key) => sum + COLUMNS[key].width, 0);

  return (
    <div className="board" ref={scroller} id="table" tabIndex={-1}>
      <table
        role="grid"
        aria-label="Open interest by symbol"
        aria-rowcount={lines.length + 1}
        aria-colcount={columns.length}
        style={{ minWidth: totalWidth }}
        onKeyDown={grid.onKeyDown}
        onFocus={grid.onFocus}
      >
        <colgroup>
          {columns.map((key) => (
            <col key={key} style={{ width: `${(COLUMNS[key].width / totalWidth) * 100}%` }} />
          ))}
        </colgroup>
        <thead>
          <tr role="row" aria-rowindex={1}>
            {columns.map((key, i) => (
              <HeaderCell
                key={key}
                column={key}
                index={i + 1}
                view={view}
                locked={locked.includes(key)}
                tabbable={grid.active.symbol === null && grid.active.column === key}
                onSort={props.onSort}
                onLocked={props.onLocked}
              />
            ))}
          </tr>
        </thead>
        <tbody
          onClick={grid.onClick}
          onPointerEnter={() => note({ pointer: true })}
          onPointerLeave={() => note({ pointer: false })}
          onFocus={() => note({ focus: true })}
          onBlur={() => note({ focus: false })}
        >
          <Spacer height={rows.from * rowHeight} columns={columns.length} />
          {inSight.map((line, i) => (
            <BoardRow
              key={line.symbol}
              line={line}
              rowIndex={rows.from + i + 2}
              columns={columns}
              locked={locked}
              state={stateOfLine(line, tableNow, mode)}
              mode={mode}
              now={Math.floor(tableNow / 1_000) * 1_000}
              window={view.window}
              unit={view.unit}
              favourite={props.favourites.has(line.symbol)}
              selected={view.symbol === line.symbol}
              tinted={tinted.has(line.symbol) ? place : null}
              tabColumn={grid.active.symbol === line.symbol ? grid.active.column : null}
            />
          ))}
          <Spacer height={(lines.length - rows.to) * rowHeight} columns={columns.length} />
        </tbody>
      </table>
      {lines.length === 0 && <div className="board-empty">{props.empty}</div>}
    </div>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" role="presentation" className="spacer" style={{ height }}>
      <td colSpan={columns} />
    </tr>
  );
}

function HeaderCell(props: {
  column: ColumnKey;
  index: number;
  view: View;
  locked: boolean;
  tabbable: boolean;
  onSort: (sort: View['sort']) => void;
  onLocked: () => void;
}) {
  const { column, view, locked } = props;
  const { label, help, align } = COLUMNS[column];
  const sorted = view.sort.key === column;
  const direction = view.sort.descending ? 'descending' : 'ascending';
  const content = column === 'fav' ? <Icon name="star" filled /> : label;
  const sortKey: SortKey | null = column === 'spark' ? null : column;
  return (
    <th
      role="columnheader"
      scope="col"
      aria-colindex={props.index}
      aria-sort={sorted && !locked ? direction : undefined}
      className={`${align} head-${column}`}
      data-column={column}
      tabIndex={sortKey === null && !locked ? (props.tabbable ? 0 : -1) : undefined}
    >
      {sortKey === null && !locked ? (
        content
      ) : (
        <button
          type="button"
          tabIndex={props.tabbable ? 0 : -1}
          title={help}
          aria-label={column === 'fav' ? 'Favourites first' : undefined}
          onClick={(event) => {
            if (locked) props.onLocked();
            else if (sortKey) props.onSort(nextSort(view.sort, sortKey, event.shiftKey));
          }}
        >
          {locked && <Icon name="lock" />}
          {sorted && view.sort.abs ? `|${label}|` : content}
          {sorted && !locked && <span aria-hidden="true"> {view.sort.descending ? '▼' : '▲'}</span>}
        </button>
      )}
    </th>
  );
}
