import {
  useEffect,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
} from 'react';
import type { ColumnKey } from './columns.ts';
import { moveInGrid } from './gridMoves.ts';
import type { Line } from './lines.ts';

/** The cell that Tab leads to. `symbol: null` is the header. */
export type ActiveCell = { readonly symbol: string | null; readonly column: ColumnKey };

/**
 * Walking the grid with the keyboard. Rows are drawn only while they are visible, so a move scrolls first and gives the
 * focus when the row is there.
 */
export function useGrid(options: {
  scroller: RefObject<HTMLDivElement | null>;
  lines: readonly Line[];
  columns: readonly ColumnKey[];
  rowHeight: number;
  scrollTo: (index: number) => void;
  onOpen: (symbol: string) => void;
  onFavourite: (symbol: string) => void;
  onGone: (symbol: string) => void;
}) {
  const { scroller, lines, columns } = options;
  const [active, setActive] = useState<ActiveCell>({ symbol: null, column: 'usd' });
  const wantsFocus = useRef(false);
  const lastRow = useRef(0);

  const row = active.symbol === null ? 0 : lines.findIndex((it) => it.symbol === active.symbol) + 1;
  const column = Math.max(0, columns.indexOf(active.column));
  const gone = active.symbol !== null && row === 0;
  if (!gone) lastRow.current = row;

  // The row under the focus has left the list: the nearest one takes over.
  useEffect(() => {
    if (!gone || active.symbol === null) return;
    const hadFocus =
      scroller.current?.contains(document.activeElement) || document.activeElement === document.body;
    const next = lines[Math.min(lastRow.current, lines.length) - 1];
    options.onGone(active.symbol);
    wantsFocus.current = Boolean(hadFocus) && next !== undefined;
    setActive({ symbol: next?.symbol ?? null, column: active.column });
  }, [gone]);

  useEffect(() => {
    if (!wantsFocus.current) return;
    const cell = scroller.current?.querySelector<HTMLElement>(
      row === 0
        ? `th[data-column="${active.column}"] button, th[data-column="${active.column}"][tabindex]`
        : `tr[aria-rowindex="${row + 1}"] [data-column="${active.column}"]`,
    );
    if (!cell) return;
    wantsFocus.current = false;
    cell.focus({ preventScroll: row === 0 });
  });

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / options.rowHeight) - 2);
    const size = { rows: lines.length + 1, columns: columns.length, page };
    const to = moveInGrid({ row, column }, { key: event.key, ctrl: event.ctrlKey }, size);
    if (to) {
      event.preventDefault();
      wantsFocus.current = true;
      if (to.row > 0) options.scrollTo(to.row - 1);
      setActive({ symbol: lines[to.row - 1]?.symbol ?? null, column: columns[to.column] ?? active.column });
      return;
    }
    if (active.symbol === null || event.ctrlKey) return;
    const isStar = active.column === 'fav';
    if (event.key === 'Enter' && !isStar) options.onOpen(active.symbol);
    else if (isStar && (event.key === ' ' || event.key === 'Enter')) options.onFavourite(active.symbol);
    else return;
    event.preventDefault();
  }

  function onClick(event: MouseEvent<HTMLElement>): void {
    const target = event.target as HTMLElement;
    const symbol = target.closest<HTMLElement>('tr[data-symbol]')?.dataset['symbol'];
    if (symbol === undefined) return;
    if (target.closest('button.star')) options.onFavourite(symbol);
    else options.onOpen(symbol);
  }

  /** However the focus came, Tab leads back to where it was. */
  function onFocus(event: FocusEvent<HTMLElement>): void {
    const cell = event.target.closest<HTMLElement>('[data-column]');
    const key = columns.find((it) => it === cell?.dataset['column']);
    if (!key) return;
    const symbol = cell?.closest<HTMLElement>('tr[data-symbol]')?.dataset['symbol'] ?? null;
    if (symbol !== active.symbol || key !== active.column) setActive({ symbol, column: key });
  }

  return { active, onKeyDown, onClick, onFocus };
}
