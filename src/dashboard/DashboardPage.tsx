import { useEffect, useState } from 'react';
import { Board } from './Board.tsx';
import { createDashboard, type Dashboard } from './dashboard.ts';
import { MessagePage } from './shell/MessagePage.tsx';
import { goToSignIn, readSession } from './shell/session.ts';

/** One a page, whatever React mounts twice. */
let started: Promise<Dashboard | null> | undefined;

async function start(): Promise<Dashboard | null> {
  const session = await readSession();
  if (session) return createDashboard(session);
  goToSignIn();
  return null;
}

/** `/`: who is there, then the board. */
export function DashboardPage() {
  const [dashboard, setDashboard] = useState<Dashboard | null>(null);
  const [failed, setFailed] = useState<string | null>(null);

  function load(): void {
    setFailed(null);
    started ??= start();
    started.then(setDashboard, (thrown: unknown) => {
      started = undefined;
      setFailed(thrown instanceof Error ? thrown.message : String(thrown));
    });
  }
  useEffect(load, []);

  if (dashboard) return <Board dashboard={dashboard} />;
  if (failed === null) return <MessagePage title="Loading open interest…" />;
  return (
    <MessagePage title="The page could not be loaded.">
      <p role="alert">{failed}.</p>
      <p>
        <button type="button" className="button primary" onClick={load}>
          Try again
        </button>
      </p>
    </MessagePage>
  );
}
