import { useEffect } from 'react';
import { ActiveFilters } from '../board/ActiveFilters.tsx';
import { SearchField } from '../board/SearchField.tsx';
import { writeView } from '../board/urlState.ts';
import { WINDOWS } from '../board/quadrant.ts';
import type { Dashboard } from '../dashboard.ts';
import { openDashboard } from '../openDashboard.ts';
import { DrawerPlace } from '../drawer/DrawerPlace.tsx';
import { countFilters } from '../board/filter.ts';
import { DialogPlace } from '../shell/DialogPlace.tsx';
import { FailedPage } from '../shell/FailedPage.tsx';
import { lazyPart } from '../shell/lazyPart.tsx';
import { MessagePage } from '../shell/MessagePage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { keepPageMarks } from '../shell/pageMarks.ts';
import { createPageStart } from '../shell/pageStart.ts';
import { BoardBoundary } from '../shell/PanelBoundary.tsx';
import { Popover } from '../shell/Popover.tsx';
import { startPrefetching } from '../shell/prefetch.ts';
import { listenToShortcuts } from '../shell/shortcuts.ts';
import { StateBanner } from '../shell/StateBanner.tsx';
import { FreeBanner, ShadowBanner } from '../shell/TierBanners.tsx';
import { Toast } from '../shell/Toast.tsx';
import { DashboardContext, useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { useLayout } from '../shell/useMedia.ts';
import { DevelopmentStrip } from '../signIn/DevelopmentStrip.tsx';
import '../styles/dashboard.css';

const FiltersPanel = lazyPart(async () => (await import('../board/FiltersPanel.tsx')).FiltersPanel);
const MarketView = lazyPart(async () => (await import('./MarketView.tsx')).MarketView);

const usePageStart = createPageStart(openDashboard, () => openDashboard(null));

/** `/market`: what the symbols are together, with the filters of the board. */
export function MarketPage() {
  const { content, failed, retry } = usePageStart();
  if (content) return <Market dashboard={content} />;
  if (failed === null) return <MessagePage title="Loading open interest…" />;
  return <FailedPage title="The page could not be loaded." failed={failed} retry={retry} />;
}

function Market({ dashboard }: { dashboard: Dashboard }) {
  useEffect(() => keepPageMarks(dashboard), [dashboard]);
  useEffect(() => listenToShortcuts(dashboard), [dashboard]);
  useEffect(startPrefetching, []);
  return (
    <DashboardContext value={dashboard}>
      <div className="page">
        <DevelopmentStrip session={dashboard.session} />
        <PageHeader main="table" what="the market" name="Market" />
        <StateBanner />
        <ShadowBanner />
        <main className="main">
          <MarketToolbar />
          <ActiveFilters />
          <FreeBanner />
          <div className="content">
            <BoardBoundary name="The market" watch={(it) => it.view}>
              <MarketView />
            </BoardBoundary>
            <DrawerPlace />
          </div>
        </main>
        <Toast />
        <DialogPlace />
      </div>
    </DashboardContext>
  );
}

function MarketToolbar() {
  const { page } = useDashboard();
  const filters = useView(countFilters);
  const query = useView(writeView);
  const isNarrow = useLayout() === 'narrow';
  return (
    <div className="toolbar">
      <SearchField isNarrow={isNarrow} />
      <Popover
        label="Filters"
        title="Filters"
        badge={filters}
        onOpenChange={(menuOpen) => page.setState({ menuOpen })}
      >
        <FiltersPanel />
      </Popover>
      {useHasChanges() && <Windows />}
      <a className="button" href={`/?${query}`}>
        Table
      </a>
    </div>
  );
}

function Windows() {
  const { view } = useDashboard();
  const shown = useView((it) => it.window);
  return (
    <div className="window-choice" role="group" aria-label="Window">
      {WINDOWS.map((it) => (
        <button
          key={it}
          type="button"
          className="button"
          aria-pressed={it === shown}
          onClick={() => view.change({ window: it })}
        >
          {it}
        </button>
      ))}
    </div>
  );
}
