import type { Dashboard } from '../dashboard.ts';
import { isWide } from './useMedia.ts';

export function toggleRail({ page, preferences }: Dashboard): void {
  if (isWide()) preferences.change({ rail: !preferences.store.getState().settings.rail });
  else page.setState(({ sheetOpen }) => ({ sheetOpen: !sheetOpen }));
}

export function togglePause({ live }: Dashboard): void {
  if (live.store.getState().paused) live.resume();
  else live.pause();
}

/** Shows the alerts of the last hour. */
export function showLastHour(dashboard: Dashboard): void {
  const { page, preferences } = dashboard;
  page.setState({ lastHour: true });
  const isShown = isWide() ? preferences.store.getState().settings.rail : page.getState().sheetOpen;
  if (!isShown) toggleRail(dashboard);
}

export const SEARCH_ID = 'search';

export function focusSearch(): void {
  const search = document.getElementById(SEARCH_ID);
  if (!(search instanceof HTMLInputElement)) return;
  search.focus();
  search.select();
}

export function toggleFocusedFavourite({ view, preferences }: Dashboard): void {
  const symbol = focusedSymbol() ?? view.store.getState().symbol;
  if (symbol) preferences.toggleFavourite(symbol);
}

/** Opens the watchlists of a symbol: by default of the focused row, else of the one whose details are open. */
export function openListsOf(
  { page, view }: Dashboard,
  symbol = focusedSymbol() ?? view.store.getState().symbol,
): void {
  if (symbol) page.setState({ dialog: 'lists', subject: symbol });
}

function focusedSymbol(): string | undefined {
  return document.activeElement?.closest<HTMLElement>('[data-symbol]')?.dataset['symbol'];
}
