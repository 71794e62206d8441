import { useCallback, useRef, type RefObject } from 'react';
import type { OpenInterestAlert } from '../openInterest/openInterest.types.ts';
import { HOUR_MS } from './alerts/times.ts';
import type { ColumnKey } from './board/columns.ts';
import type { TileKey } from './board/SummaryTiles.tsx';
import type { BoardModel } from './board/useBoard.ts';
import { DEFAULT_SORT, MOVERS, NO_FILTERS, type Range } from './board/view.ts';
import type { Dashboard } from './dashboard.ts';
import { downloadText } from './shell/download.ts';
import type { Layout } from './shell/useMedia.ts';
import { useShortcuts } from './shell/useShortcuts.ts';

export type OpenDialog = 'settings' | 'keys' | 'pro';

/** What buttons and keys do. */
export function useActions(page: {
  dashboard: Dashboard;
  model: BoardModel;
  layout: Layout;
  columns: readonly ColumnKey[];
  sheetOpen: boolean;
  setSheetOpen: (open: boolean) => void;
  setDialog: (dialog: OpenDialog) => void;
  setLastHour: (only: boolean) => void;
  search: RefObject<HTMLInputElement | null>;
}) {
  const { dashboard, model, layout, sheetOpen, setSheetOpen, setDialog } = page;
  const { pro, live, settings, view } = dashboard;
  const { change } = view;
  const opener = useRef<Element | null>(null);
  const isRail = layout === 'wide';
  const railShown = isRail ? settings.get().rail : sheetOpen;

  /** The first one opened is a place to come back from; stepping on is not. */
  const open = useCallback(
    (symbol: string) => {
      const isFirst = view.get().symbol === null;
      if (isFirst) opener.current = document.activeElement;
      change({ symbol, alert: null }, isFirst ? 'push' : 'replace');
    },
    [change, view],
  );

  function close(): void {
    change({ symbol: null, alert: null });
    const before = opener.current;
    // The row may have been drawn anew since.
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    else document.getElementById('table')?.focus();
  }

  function stepSymbol(by: 1 | -1): void {
    const at = model.lines.findIndex((it) => it.symbol === view.get().symbol);
    const next = model.lines[at + by];
    if (next) change({ symbol: next.symbol, alert: null });
  }

  function openAlert(alert: OpenInterestAlert): void {
    const range = rangeAround(model.now - Date.parse(alert.ts));
    const isFirst = view.get().symbol === null;
    if (isFirst) opener.current = document.activeElement;
    change({ symbol: alert.symbol, alert: alert.id, range }, isFirst ? 'push' : 'replace');
    setSheetOpen(false);
  }

  function toggleRail(): void {
    if (isRail) dashboard.changeSettings({ rail: !settings.get().rail });
    else setSheetOpen(!sheetOpen);
  }

  function togglePause(): void {
    if (live.store.get().paused) live.resume();
    else live.pause();
  }

  function selectTile(key: TileKey): void {
    if (key === 'total') change({ sort: DEFAULT_SORT });
    else if (key === 'live') change({ ...NO_FILTERS, states: ['late', 'stale', 'none'] });
    else if (!pro) setDialog('pro');
    else if (key === 'movers') change(MOVERS);
    else {
      page.setLastHour(true);
      if (!railShown) toggleRail();
    }
  }

  async function exportCsv(): Promise<void> {
    if (!pro) return setDialog('pro');
    const { csvFileName, renderCsv } = await import('./board/csv.ts');
    const favourites = dashboard.favourites.get();
    const context = { ...view.get(), now: model.tableNow, mode: model.mode, favourites };
    downloadText(csvFileName(model.tableNow), renderCsv(model.lines, page.columns, context));
  }

  function chooseColumns(chosen: readonly ColumnKey[] | null): void {
    dashboard.changeSettings({ columns: chosen ? [...chosen] : null });
    change({ columns: chosen });
  }

  /** Enter in the search opens what was named exactly. */
  function openSearched(): void {
    const wanted = view.get().query.trim().toLocaleUpperCase('en-US');
    const found = model.lines.find((it) => it.symbol === wanted || it.symbol === `${wanted}USDT`);
    if (found) open(found.symbol);
  }

  function focusSearch(): void {
    page.search.current?.focus();
    page.search.current?.select();
  }

  function toggleFocused(): void {
    const row = document.activeElement?.closest<HTMLElement>('[data-symbol]');
    const symbol = row?.dataset['symbol'] ?? view.get().symbol;
    if (symbol) dashboard.toggleFavourite(symbol);
  }

  const isOpen = view.get().symbol !== null;
  const range = (value: Range) => () => change({ range: value });
  const inDrawer = {
    '[': () => stepSymbol(-1),
    ']': () => stepSymbol(1),
    '1': range('1h'),
    '2': range('6h'),
    '3': range('24h'),
    '4': range('7d'),
    Escape: close,
  };
  const always = {
    '/': focusSearch,
    'Ctrl+k': focusSearch,
    a: toggleRail,
    p: togglePause,
    f: toggleFocused,
    '?': () => setDialog('keys'),
    ...(sheetOpen ? { Escape: () => setSheetOpen(false) } : {}),
  };
  useShortcuts(isOpen ? { ...always, ...inDrawer } : always, settings.get().shortcuts);

  return {
    open,
    close,
    stepSymbol,
    openAlert,
    toggleRail,
    togglePause,
    selectTile,
    exportCsv: () => void exportCsv(),
    chooseColumns,
    openSearched,
  };
}

/** The shortest range that still holds the moment. */
function rangeAround(ageMs: number): Range {
  if (ageMs < HOUR_MS) return '1h';
  if (ageMs < 6 * HOUR_MS) return '6h';
  return ageMs < 24 * HOUR_MS ? '24h' : '7d';
}
