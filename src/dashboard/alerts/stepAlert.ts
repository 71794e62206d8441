import type { Dashboard } from '../dashboard.ts';
import { openAlert } from '../drawer/openSymbol.ts';
import { filterAlerts, foldAlerts, shownSince, stepFold } from './folds.ts';

/** Opens the next alert below or above the open one, of those that pass the filter. */
export function stepAlert(dashboard: Dashboard, by: 1 | -1): void {
  const { settings, favourites } = dashboard.preferences.store.getState();
  const { board, now } = dashboard.board.store.getState();
  const feed = filterAlerts(dashboard.alerts.store.getState().feed, settings.alertFilter, {
    favourites,
    rows: board?.rows ?? null,
  });
  const folds = foldAlerts(feed, shownSince(dashboard.page.getState().lastHour, now));
  const next = stepFold(folds, dashboard.view.store.getState().alert, by);
  if (next) openAlert(dashboard, next.latest);
}
