import { Suspense, lazy, useRef, useState } from 'react';
import { countSince, countUnread, unreadBadge } from './alerts/feed.ts';
import { AlertsPlace } from './alerts/AlertsPlace.tsx';
import { HOUR_MS } from './alerts/times.ts';
import { ActiveFilters } from './board/ActiveFilters.tsx';
import { BoardCards } from './board/BoardCards.tsx';
import { BoardTable } from './board/BoardTable.tsx';
import { EmptyBoard } from './board/EmptyBoard.tsx';
import { stateOfLine } from './board/lines.ts';
import { columnsWithData, countChanges, selectLine, usualPace } from './board/rowFacts.ts';
import { selectColumns } from './board/selectColumns.ts';
import { SummaryTiles } from './board/SummaryTiles.tsx';
import { Toolbar } from './board/Toolbar.tsx';
import { useBoard } from './board/useBoard.ts';
import { NO_FILTERS } from './board/view.ts';
import type { Dashboard } from './dashboard.ts';
import { formatMinute } from './timeOfDay.ts';
import { connectionState, freshnessLabel, snapshotLabel } from './live/connection.ts';
import { situationOf } from './live/situation.ts';
import { useStore } from './live/store.ts';
import { Footer } from './shell/Footer.tsx';
import { FreeBanner, ShadowBanner } from './shell/TierBanners.tsx';
import { Freshness } from './shell/Freshness.tsx';
import { Header } from './shell/Header.tsx';
import { PanelBoundary } from './shell/PanelBoundary.tsx';
import { HeaderControls } from './shell/HeaderControls.tsx';
import { StateBanner } from './shell/StateBanner.tsx';
import { Toast } from './shell/Toast.tsx';
import { usePageMarks } from './shell/usePageMarks.ts';
import { useLayout } from './shell/useMedia.ts';
import { DevelopmentStrip } from './signIn/DevelopmentStrip.tsx';
import { useActions, type OpenDialog } from './useActions.ts';

const Dialogs = lazy(async () => ({ default: (await import('./shell/Dialogs.tsx')).Dialogs }));
const SymbolDrawer = lazy(async () => ({
  default: (await import('./drawer/SymbolDrawer.tsx')).SymbolDrawer,
}));

/** The dashboard: what stands where, and what leads where. */
export function Board({ dashboard }: { dashboard: Dashboard }) {
  const { pro, session, view: viewStore } = dashboard;
  const live = useStore(dashboard.live.store);
  const view = useStore(viewStore);
  const settings = useStore(dashboard.settings);
  const favourites = useStore(dashboard.favourites);
  const alerts = useStore(dashboard.alerts.store);
  const layout = useLayout();
  const [busy, setBusy] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [sheetOpen, setSheetOpen] = useState(false);
  const [lastHour, setLastHour] = useState(false);
  const search = useRef<HTMLInputElement>(null);

  const model = useBoard(dashboard, busy || menuOpen);
  const situation = situationOf(live, model);
  const state = connectionState(situation);
  const rows = model.board?.rows;
  // Frozen boards hold none, whoever reads them.
  const changes = pro && model.mode === 'realtime';
  const columns = selectColumns({
    chosen: view.columns ?? settings.columns,
    wide: layout === 'wide',
    pro,
    has: { ...columnsWithData(rows), changes },
  });
  const isRail = layout === 'wide';
  const railShown = isRail ? settings.rail : sheetOpen;
  const line = view.symbol === null ? undefined : selectLine(model, view.symbol);
  const unread = countUnread(alerts.feed, alerts.seen);
  const asOf = live.sync.board?.asOf ?? null;
  const label =
    model.mode === 'snapshot' && asOf !== null
      ? snapshotLabel(formatMinute(asOf, settings.zone), null)
      : freshnessLabel(model.coverage, model.newestAgeMs);
  usePageMarks({ state, seq: live.sync.board?.seq ?? null, unread, label, settings });

  const actions = useActions({
    dashboard,
    model,
    layout,
    columns: columns.shown,
    sheetOpen,
    setSheetOpen,
    setDialog,
    setLastHour,
    search,
  });
  const { change } = viewStore;

  const shared = {
    model,
    view,
    onOpen: actions.open,
    empty: (
      <EmptyBoard
        state={state}
        view={view}
        favourites={favourites.size}
        failure={situation.failure}
        onClear={() => change(NO_FILTERS)}
        onRetry={dashboard.live.retryNow}
      />
    ),
  };

  return (
    <div className={`page layout-${layout}`}>
      <DevelopmentStrip session={session} />
      <Header
        state={state}
        label={<Freshness model={model} live={live} zone={settings.zone} />}
        controls={
          <HeaderControls
            session={session}
            layout={layout}
            paused={live.paused !== null}
            pro={pro}
            unread={unreadBadge(unread)}
            alertsOpen={railShown}
            onPause={actions.togglePause}
            onAlerts={actions.toggleRail}
            onSettings={() => setDialog('settings')}
          />
        }
      />
      <StateBanner
        state={state}
        situation={situation}
        live={live}
        zone={settings.zone}
        dataAt={model.newestAgeMs === null ? null : model.now - model.newestAgeMs}
        everySec={usualPace(rows)}
        changesWaiting={countChanges(live.paused?.board.rows, live.sync.board?.rows)}
        onShowStale={() => change({ ...NO_FILTERS, states: ['stale', 'none'] })}
        onRetry={dashboard.live.retryNow}
        onResume={dashboard.live.resume}
      />
      {pro && model.mode === 'snapshot' && <ShadowBanner />}
      <main className="main">
        <PanelBoundary name="The summary" data={model.tiles}>
          <SummaryTiles
            tiles={model.tiles}
            coverage={model.coverage}
            mode={model.mode}
            alerts={countSince(alerts.feed, model.now - HOUR_MS)}
            pro={pro}
            onSelect={actions.selectTile}
          />
        </PanelBoundary>
        <Toolbar
          layout={layout}
          view={view}
          mode={model.mode}
          pro={pro}
          changes={changes}
          search={search}
          columns={columns}
          favourites={favourites.size}
          shownCount={model.lines.length}
          moved={model.moved}
          onApply={model.apply}
          onChange={change}
          onColumns={actions.chooseColumns}
          onExport={actions.exportCsv}
          onSubmitSearch={actions.openSearched}
          onMenu={setMenuOpen}
        />
        <ActiveFilters
          view={view}
          mode={model.mode}
          hidden={model.hidden}
          total={model.total}
          onChange={change}
        />
        {!pro && <FreeBanner onWhy={() => setDialog('pro')} />}
        <div className="content">
          <PanelBoundary name="The table" data={model.lines}>
            {layout === 'narrow' ? (
              <BoardCards {...shared} changes={changes} />
            ) : (
              <BoardTable
                {...shared}
                columns={columns.shown}
                locked={columns.locked}
                favourites={favourites}
                rowHeight={settings.density === 'compact' ? 28 : 36}
                onSort={(sort) => change({ sort })}
                onFavourite={dashboard.toggleFavourite}
                onGone={(symbol) => dashboard.notice.set(`${symbol} is no longer listed`)}
                onLocked={() => setDialog('pro')}
                onBusy={setBusy}
              />
            )}
          </PanelBoundary>
          {railShown && (
            <AlertsPlace
              dashboard={dashboard}
              now={model.now}
              lastHour={lastHour}
              onLastHour={setLastHour}
              onOpen={actions.openAlert}
              onWhy={() => setDialog('pro')}
              onClose={isRail ? null : () => setSheetOpen(false)}
            />
          )}
        </div>
        {line && (
          <PanelBoundary
            key={line.symbol}
            name={line.symbol}
            data={view.range}
            className="drawer"
            onClose={actions.close}
          >
            <Suspense fallback={null}>
              <SymbolDrawer
                line={line}
                state={stateOfLine(line, model.tableNow, model.mode)}
                now={model.now}
                mode={model.mode}
                view={view}
                zone={settings.zone}
                look={`${settings.theme} ${settings.palette}`}
                pro={pro}
                favourite={favourites.has(line.symbol)}
                onChange={change}
                onFavourite={() => dashboard.toggleFavourite(line.symbol)}
                onStep={actions.stepSymbol}
                onClose={actions.close}
              />
            </Suspense>
          </PanelBoundary>
        )}
      </main>
      <Toast notice={dashboard.notice} />
      <Footer zone={settings.zone} onKeys={() => setDialog('keys')} />
      <p className="sr-only" aria-live="polite">
        {alerts.announcement}
      </p>
      <Suspense fallback={null}>
        {dialog && <Dialogs dialog={dialog} dashboard={dashboard} onClose={() => setDialog(null)} />}
      </Suspense>
    </div>
  );
}
