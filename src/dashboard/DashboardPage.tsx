import { useEffect } from 'react';
import { useStore } from 'zustand';
import { AlertsPlace } from './alerts/AlertsPlace.tsx';
import { ActiveFilters } from './board/ActiveFilters.tsx';
import { BoardCards } from './board/BoardCards.tsx';
import { BoardTable } from './board/BoardTable.tsx';
import { SummaryTiles } from './board/SummaryTiles.tsx';
import { Toolbar } from './board/Toolbar.tsx';
import { openAlert } from './drawer/openSymbol.ts';
import { FirstVisitPlace } from './board/FirstVisitPlace.tsx';
import { DrawerPlace } from './drawer/DrawerPlace.tsx';
import { Footer } from './shell/Footer.tsx';
import { Header } from './shell/Header.tsx';
import { startPrefetching } from './shell/prefetch.ts';
import { BoardBoundary } from './shell/PanelBoundary.tsx';
import { StateBanner } from './shell/StateBanner.tsx';
import { FreeBanner, ShadowBanner } from './shell/TierBanners.tsx';
import { VersionBanner } from './shell/VersionBanner.tsx';
import { useDashboard } from './shell/useDashboard.ts';
import { useLayout } from './shell/useMedia.ts';
import { StartedDashboard } from './StartedDashboard.tsx';

/** `/`: loads the session, then the board. */
export function DashboardPage() {
  return (
    <StartedDashboard>
      <Board />
    </StartedDashboard>
  );
}

/** The parts of the dashboard and their places. Each part subscribes to what it shows. */
function Board() {
  const dashboard = useDashboard();
  const layout = useLayout();
  useEffect(() => dashboard.notifier.onClick((alert) => openAlert(dashboard, alert)), [dashboard]);
  useEffect(startPrefetching, []);
  useEffect(() => {
    if (window.location.search !== '') return;
    void import('./views/savedViews.ts').then((it) => it.showDefaultView(dashboard)).catch(() => null);
  }, [dashboard]);
  return (
    <>
      <Header layout={layout} />
      <StateBanner />
      <ShadowBanner />
      <VersionBanner />
      <main className="main">
        <BoardBoundary name="The summary" watch={(it) => it.tiles}>
          <SummaryTiles />
        </BoardBoundary>
        <Toolbar layout={layout} />
        <ActiveFilters />
        <FreeBanner />
        <div className="content">
          <BoardBoundary name="The table" watch={(it) => it.lines}>
            {layout === 'narrow' ? <BoardCards /> : <BoardTable />}
          </BoardBoundary>
          <DrawerPlace />
          <AlertsPlace layout={layout} />
        </div>
        <FirstVisitPlace />
      </main>
      <Footer />
      <Announcement />
    </>
  );
}

/** What a screen reader says of new alerts. */
function Announcement() {
  const announcement = useStore(useDashboard().alerts.store, (it) => it.announcement);
  return (
    <p className="sr-only" aria-live="polite">
      {announcement}
    </p>
  );
}
