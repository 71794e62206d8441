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

/** Of the focused row, else of the symbol whose details are open. */
export function toggleFocusedFavourite({ view, preferences }: Dashboard): void {
  const row = document.activeElement?.closest<HTMLElement>('[data-symbol]');
  const symbol = row?.dataset['symbol'] ?? view.store.getState().symbol;
  if (symbol) preferences.toggleFavourite(symbol);
}
