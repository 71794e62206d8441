import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { HOUR_MS } from '../timeOfDay.ts';
import { symbolOfPath } from '../symbolPath.ts';
import { joinPair } from '../board/filter.ts';
import { writeView } from '../board/urlState.ts';
import { RANGES, type Range, type View } from '../board/view.ts';
import type { Dashboard } from '../dashboard.ts';

export function openSymbol(dashboard: Dashboard, symbol: string): void {
  showDetails(dashboard, { symbol, alert: null });
}

/** Opens the alert's symbol at the viewer's range, or at a longer one while the alert is open. */
export function openAlert(dashboard: Dashboard, alert: OpenInterestAlert): void {
  const needed = rangeAround(dashboard.board.store.getState().now - Date.parse(alert.ts));
  const own = dashboard.view.store.getState().range;
  const alertRange = RANGES.indexOf(needed) > RANGES.indexOf(own) ? needed : null;
  showDetails(dashboard, { symbol: alert.symbol, alert: alert.id, alertRange });
  dashboard.page.setState({ sheetOpen: false });
}

/** Only the first symbol adds a history entry and a place to return the focus to: stepping on does not. */
function showDetails({ view, page }: Dashboard, change: Partial<View>): void {
  const isFirst = view.store.getState().symbol === null;
  if (isFirst) page.setState({ opener: document.activeElement });
  view.change(change, isFirst ? 'push' : 'replace');
}

/** The page of a symbol has nothing behind its details: the board, in the same view, is another page. */
export function closeSymbol({ view, page }: Dashboard): void {
  if (symbolOfPath(window.location.pathname) !== null) {
    const query = writeView({ ...view.store.getState(), symbol: null, alert: null });
    return window.location.assign(query === '' ? '/' : `/?${query}`);
  }
  const { opener } = page.getState();
  view.close({ symbol: null, alert: null });
  // The row may have been rendered again since, and its cell hidden for want of room.
  const cell = document.querySelector<HTMLElement>('#table td[tabindex="0"]');
  if (opener?.isConnected && 'focus' in opener) (opener as HTMLElement | SVGElement).focus();
  else (cell ?? document.getElementById('table'))?.focus();
  // The focus is back on the row, but the viewer is not at the rows any more.
  page.setState({ opener: null, busyUntil: 0 });
}

export function stepSymbol({ view, board }: Dashboard, by: 1 | -1): void {
  const { lines } = board.store.getState();
  const at = lines.findIndex((it) => it.symbol === view.store.getState().symbol);
  const next = lines[at + by];
  if (next) view.change({ symbol: next.symbol, alert: null });
}

/** Enter in the search field opens the symbol that was named exactly, or the only one that was found. */
export function openSearched(dashboard: Dashboard): void {
  const wanted = joinPair(dashboard.view.store.getState().query.trim());
  const { lines } = dashboard.board.store.getState();
  const named = lines.find((it) => it.symbol === wanted || it.symbol === `${wanted}USDT`);
  const found = named ?? (lines.length === 1 ? lines[0] : undefined);
  if (found) openSymbol(dashboard, found.symbol);
}

/** The shortest range that contains something of this age. */
function rangeAround(ageMs: number): Range {
  if (ageMs < HOUR_MS) return '1h';
  if (ageMs < 6 * HOUR_MS) return '6h';
  return ageMs < 24 * HOUR_MS ? '24h' : '7d';
}
