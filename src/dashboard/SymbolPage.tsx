import { useEffect } from 'react';
import type { Dashboard } from './dashboard.ts';
import { openDashboard } from './openDashboard.ts';
import { DialogPlace } from './shell/DialogPlace.tsx';
import { FailedPage } from './shell/FailedPage.tsx';
import { lazyPart } from './shell/lazyPart.tsx';
import { MessagePage } from './shell/MessagePage.tsx';
import { PageHeader } from './shell/PageHeader.tsx';
import { keepPageMarks } from './shell/pageMarks.ts';
import { createPageStart } from './shell/pageStart.ts';
import { listenToShortcuts } from './shell/shortcuts.ts';
import { StateBanner } from './shell/StateBanner.tsx';
import { Toast } from './shell/Toast.tsx';
import { DashboardContext, useView } from './shell/useDashboard.ts';
import { DevelopmentStrip } from './signIn/DevelopmentStrip.tsx';
import './styles/dashboard.css';

const SymbolView = lazyPart(async () => (await import('./drawer/symbolParts.ts')).SymbolView);

const usePageStart = createPageStart(openDashboard, () => openDashboard(null));

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
        <PageHeader main="symbol" what="the chart" />
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
