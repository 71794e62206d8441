import { useEffect, type ReactNode } from 'react';
import type { Session } from '../access/access.types.ts';
import { createDashboard, type Dashboard } from './dashboard.ts';
import { DialogPlace } from './shell/DialogPlace.tsx';
import { FailedPage } from './shell/FailedPage.tsx';
import { MessagePage } from './shell/MessagePage.tsx';
import { keepPageMarks } from './shell/pageMarks.ts';
import { createPageStart } from './shell/pageStart.ts';
import { listenToShortcuts } from './shell/shortcuts.ts';
import { Toast } from './shell/Toast.tsx';
import { DashboardContext } from './shell/useDashboard.ts';
import { DevelopmentStrip } from './signIn/DevelopmentStrip.tsx';
import './styles/dashboard.css';

const usePageStart = createPageStart(openDashboard, () => openDashboard(null));

/** Loads the session and opens the dashboard, for a page that shows `children` on it. */
export function StartedDashboard({ children }: { children: ReactNode }) {
  const { content, failed, retry } = usePageStart();
  if (content) return <Opened dashboard={content}>{children}</Opened>;
  if (failed === null) return <MessagePage title="Loading open interest…" />;
  return <FailedPage title="The page could not be loaded." failed={failed} retry={retry} />;
}

function Opened({ dashboard, children }: { dashboard: Dashboard; children: ReactNode }) {
  useEffect(() => keepPageMarks(dashboard), [dashboard]);
  useEffect(() => listenToShortcuts(dashboard), [dashboard]);
  return (
    <DashboardContext value={dashboard}>
      <div className="page">
        <DevelopmentStrip session={dashboard.session} />
        {children}
        <Toast />
        <DialogPlace />
      </div>
    </DashboardContext>
  );
}

/** The watchlists of the user load beside the board. */
function openDashboard(session: Session | null): Dashboard {
  const dashboard = createDashboard(session);
  if (session !== null || dashboard.view.store.getState().list !== null) {
    void import('./watchlists/watchlists.ts').then((it) => it.openWatchlists(dashboard)).catch(() => null);
  }
  return dashboard;
}
