import { useEffect } from 'react';
import type { Session } from '../access/access.types.ts';
import { createDashboard, type Dashboard } from './dashboard.ts';
import { AccountItems } from './shell/AccountItems.tsx';
import { Brand } from './shell/Brand.tsx';
import { DialogPlace } from './shell/DialogPlace.tsx';
import { FailedPage } from './shell/FailedPage.tsx';
import { StatePill } from './shell/Header.tsx';
import { lazyPart } from './shell/lazyPart.tsx';
import { MessagePage } from './shell/MessagePage.tsx';
import { keepPageMarks } from './shell/pageMarks.ts';
import { createPageStart } from './shell/pageStart.ts';
import { Popover } from './shell/Popover.tsx';
import { describeSession, goToSignIn } from './shell/session.ts';
import { listenToShortcuts } from './shell/shortcuts.ts';
import { StateBanner } from './shell/StateBanner.tsx';
import { Toast } from './shell/Toast.tsx';
import { DashboardContext, useDashboard, useView } from './shell/useDashboard.ts';
import { DevelopmentStrip } from './signIn/DevelopmentStrip.tsx';
import './styles/dashboard.css';

const SymbolView = lazyPart(async () => (await import('./drawer/symbolParts.ts')).SymbolView);

const usePageStart = createPageStart(createDashboard, () => createDashboard(null));

/** `/s/BTCUSDT`: one symbol, to be linked and kept open. */
export function SymbolPage() {
  const { content, failed, retry } = usePageStart();
  if (content) return <Symbol dashboard={content} />;
  if (failed === null) return <MessagePage title="Loading open interest…" />;
  return <FailedPage title="The page could not be loaded." failed={failed} retry={retry} />;
}

function Symbol({ dashboard }: { dashboard: Dashboard }) {
  useEffect(() => keepPageMarks(dashboard), [dashboard]);
  useEffect(() => listenToShortcuts(dashboard), [dashboard]);
  return (
    <DashboardContext value={dashboard}>
      <div className="page">
        <DevelopmentStrip session={dashboard.session} />
        <SymbolHeader />
        <StateBanner />
        <main id="symbol" className="main">
          <Shown />
        </main>
        <Toast />
        <DialogPlace />
      </div>
    </DashboardContext>
  );
}

function Shown() {
  const symbol = useView((it) => it.symbol);
  return symbol && <SymbolView symbol={symbol} />;
}

function SymbolHeader() {
  const { session } = useDashboard();
  return (
    <header className="header">
      <a className="skip" href="#symbol">
        Skip to the chart
      </a>
      <Brand />
      <StatePill />
      <div className="controls">
        {session ? (
          <AccountMenu session={session} />
        ) : (
          <button type="button" className="button primary" onClick={() => goToSignIn()}>
            Sign in
          </button>
        )}
      </div>
    </header>
  );
}

function AccountMenu({ session }: { session: Session }) {
  return (
    <Popover label={describeSession(session)} title="Account">
      <div className="menu">
        <a className="button" href="/">
          Dashboard
        </a>
        <a className="button" href="/alerts">
          Alert rules
        </a>
        <AccountItems session={session} next={window.location.pathname} />
      </div>
    </Popover>
  );
}
