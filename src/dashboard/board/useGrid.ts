import {
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
} from 'react';
import type { Dashboard } from '../dashboard.ts';
import { openSymbol } from '../drawer/openSymbol.ts';
import { openListsOf } from '../shell/actions.ts';
import { useDashboard } from '../shell/useDashboard.ts';
import { symbolPath } from '../symbolPath.ts';
import type { ColumnKey } from './columns.ts';
import { moveInGrid } from './gridMoves.ts';
import type { Line } from './lines.ts';

/** The cell that Tab leads to. `symbol: null` is the header. */
export type ActiveCell = { readonly symbol: string | null; readonly column: ColumnKey };

type Grid = {
  scroller: RefObject<HTMLElement | null>;
  lines: readonly Line[];
  columns: readonly ColumnKey[];
  rowHeight: number;
  scrollTo: (index: number) => void;
};

/**
 * Keyboard navigation of the grid. Rows are rendered only while they are in sight, so a move scrolls first and focuses
 * the cell when it is there.
 */
export function useGrid(grid: Grid) {
  const { scroller, lines, columns } = grid;
  const dashboard = useDashboard();
  const [wanted, setActive] = useState<ActiveCell>({ symbol: null, column: 'usd' });
  // A column that is hidden would leave the table without a cell that Tab leads to.
  const active = columns.includes(wanted.column) ? wanted : { ...wanted, column: 'symbol' as const };
  const row = active.symbol === null ? 0 : lines.findIndex((it) => it.symbol === active.symbol) + 1;
  const wantFocus = useFocus(scroller, row, active.column);
  const replaceActive = (next: ActiveCell, focus: boolean): void => {
    wantFocus(focus);
    setActive(next);
  };
  useGoneRow({ scroller, lines, active, row, onGone: replaceActive });

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / grid.rowHeight) - 2);
    const size = { rows: lines.length + 1, columns: columns.length, page };
    const from = { row, column: Math.max(0, columns.indexOf(active.column)) };
    const to = moveInGrid(from, { key: event.key, ctrl: event.ctrlKey }, size);
    if (to) {
      event.preventDefault();
      if (to.row > 0) grid.scrollTo(to.row - 1);
      const symbol = lines[to.row - 1]?.symbol ?? null;
      replaceActive({ symbol, column: columns[to.column] ?? active.column }, true);
    } else if (!event.ctrlKey && actOnCell(dashboard, active, event.key)) {
      event.preventDefault();
    }
  }

  /** However a cell got the focus, Tab leads back to it. */
  function onFocus(event: FocusEvent<HTMLElement>): void {
    const cell = event.target.closest<HTMLElement>('[data-column]');
    const column = columns.find((it) => it === cell?.dataset['column']);
    if (!column) return;
    const symbol = cell?.closest<HTMLElement>('tr[data-symbol]')?.dataset['symbol'] ?? null;
    if (symbol !== active.symbol || column !== active.column) setActive({ symbol, column });
  }

  return { active, onKeyDown, onFocus, onClick: (event: MouseEvent) => onClick(dashboard, event) };
}

/** The answer asks for the focus: the active cell receives it as soon as it is rendered. */
function useFocus(scroller: Grid['scroller'], row: number, column: ColumnKey): (wanted: boolean) => void {
  const wanted = useRef(false);
  useEffect(() => {
    if (!wanted.current) return;
    const cell = scroller.current?.querySelector<HTMLElement>(
      row === 0
        ? `th[data-column="${column}"] button, th[data-column="${column}"][tabindex]`
        : `tr[aria-rowindex="${row + 1}"] [data-column="${column}"]`,
    );
    if (!cell) return;
    wanted.current = false;
    cell.focus({ preventScroll: row === 0 });
  });
  return (it) => {
    wanted.current = it;
  };
}

/** When the active row leaves the list, the row that took its place becomes active. */
function useGoneRow(options: {
  scroller: Grid['scroller'];
  lines: readonly Line[];
  active: ActiveCell;
  row: number;
  onGone: (next: ActiveCell, focus: boolean) => void;
}): void {
  const { page } = useDashboard();
  const { row, active } = options;
  const lastRow = useRef(0);
  const isGone = active.symbol !== null && row === 0;

  const leave = useEffectEvent(() => {
    const { scroller, lines } = options;
    const focused = document.activeElement;
    const hadFocus = focused === document.body || scroller.current?.contains(focused) === true;
    const next = lines[Math.min(lastRow.current, lines.length) - 1];
    page.setState({ notice: `${active.symbol} is no longer listed` });
    options.onGone({ symbol: next?.symbol ?? null, column: active.column }, hadFocus && next !== undefined);
  });
  useEffect(() => {
    if (isGone) leave();
    else lastRow.current = row;
  }, [isGone, row]);
}

/** Enter opens the row; Enter and Space on the star toggle the favourite. */
function actOnCell(dashboard: Dashboard, { symbol, column }: ActiveCell, key: string): boolean {
  if (symbol === null) return false;
  const isStar = column === 'fav';
  if (key === 'Enter' && !isStar) openSymbol(dashboard, symbol);
  else if (isStar && (key === ' ' || key === 'Enter')) dashboard.preferences.toggleFavourite(symbol);
  else return false;
  return true;
}

/** With Ctrl or Cmd a row opens its page in another tab, as a link would. */
function onClick(dashboard: Dashboard, { target, ctrlKey, metaKey }: MouseEvent): void {
  if (!(target instanceof Element)) return;
  const symbol = target.closest<HTMLElement>('tr[data-symbol]')?.dataset['symbol'];
  if (symbol === undefined) return;
  if (target.closest('button.star')) dashboard.preferences.toggleFavourite(symbol);
  else if (target.closest('button.to-lists')) openListsOf(dashboard, symbol);
  else if (ctrlKey || metaKey) window.open(symbolPath(symbol));
  // What was dragged over is to be copied.
  else if (document.getSelection()?.type !== 'Range') openSymbol(dashboard, symbol);
}
