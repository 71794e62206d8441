import { useEffect } from 'react';
import { ActiveFilters } from '../board/ActiveFilters.tsx';
import { SearchField } from '../board/SearchField.tsx';
import { writeView } from '../board/urlState.ts';
import { WINDOWS } from '../board/quadrant.ts';
import { Button, ButtonLink } from '../shell/Button.tsx';
import { StartedDashboard } from '../StartedDashboard.tsx';
import { DrawerPlace } from '../drawer/DrawerPlace.tsx';
import { countFilters } from '../board/filter.ts';
import { lazyPart } from '../shell/lazyPart.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { BoardBoundary } from '../shell/PanelBoundary.tsx';
import { Popover } from '../shell/Popover.tsx';
import { startPrefetching } from '../shell/prefetch.ts';
import { StateBanner } from '../shell/StateBanner.tsx';
import { FreeBanner, ShadowBanner } from '../shell/TierBanners.tsx';
import { useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { useLayout } from '../shell/useMedia.ts';

const FiltersPanel = lazyPart(async () => (await import('../board/FiltersPanel.tsx')).FiltersPanel);
const MarketView = lazyPart(async () => (await import('./MarketView.tsx')).MarketView);

/** `/market`: what the symbols are together, with the filters of the board. */
export function MarketPage() {
  return (
    <StartedDashboard>
      <Market />
    </StartedDashboard>
  );
}

function Market() {
  useEffect(startPrefetching, []);
  return (
    <>
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
    </>
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
      <ButtonLink href={`/?${query}`}>Table</ButtonLink>
    </div>
  );
}

function Windows() {
  const { view } = useDashboard();
  const shown = useView((it) => it.window);
  return (
    <div className="window-choice" role="group" aria-label="Window">
      {WINDOWS.map((it) => (
        <Button key={it} aria-pressed={it === shown} onClick={() => view.change({ window: it })}>
          {it}
        </Button>
      ))}
    </div>
  );
}
