import type { Session } from '../access/access.types.ts';
import { createDashboard, type Dashboard } from './dashboard.ts';

/** The dashboard of a page, with the watchlists of the user, which load beside the board. */
export function openDashboard(session: Session | null): Dashboard {
  const dashboard = createDashboard(session);
  if (session !== null || dashboard.view.store.getState().list !== null) {
    void import('./watchlists/watchlists.ts').then((it) => it.openWatchlists(dashboard)).catch(() => null);
  }
  return dashboard;
}
