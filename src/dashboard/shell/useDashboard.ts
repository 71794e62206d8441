import { createContext, use, useMemo } from 'react';
import { useStore } from 'zustand';
import type { BoardState } from '../board/deriveBoard.ts';
import { selectColumns, type ShownColumns } from '../board/selectColumns.ts';
import type { View } from '../board/view.ts';
import type { Dashboard } from '../dashboard.ts';
import type { LiveState } from '../live/live.ts';
import type { PageState } from './page.store.ts';
import type { Settings } from './settings.ts';

export const DashboardContext = createContext<Dashboard | null>(null);

export function useDashboard(): Dashboard {
  return use(DashboardContext)!;
}

// A component renders when what it selects changes, so it selects what it shows and nothing more.

export function useBoard<Part>(select: (board: BoardState) => Part): Part {
  return useStore(useDashboard().board.store, select);
}

export function useView<Part>(select: (view: View) => Part): Part {
  return useStore(useDashboard().view.store, select);
}

export function useLive<Part>(select: (live: LiveState) => Part): Part {
  return useStore(useDashboard().live.store, select);
}

export function usePage<Part>(select: (page: PageState) => Part): Part {
  return useStore(useDashboard().page, select);
}

export function useSettings<Part>(select: (settings: Settings) => Part): Part {
  return useStore(useDashboard().preferences.store, ({ settings }) => select(settings));
}

export function useFavourites<Part>(select: (favourites: ReadonlySet<string>) => Part): Part {
  return useStore(useDashboard().preferences.store, ({ favourites }) => select(favourites));
}

/** The columns of the table as it is drawn now. */
export function useColumns(): ShownColumns {
  const { pro } = useDashboard();
  const inView = useView((it) => it.columns);
  const inSettings = useSettings((it) => it.columns);
  const room = usePage((it) => it.tableRoom);
  const data = useBoard((it) => it.has);
  const changes = useHasChanges();
  return useMemo(
    () => selectColumns({ chosen: inView ?? inSettings, room, pro, has: { ...data, changes } }),
    [inView, inSettings, room, pro, data, changes],
  );
}

/** Snapshot boards carry no changes. */
export function useHasChanges(): boolean {
  const { pro } = useDashboard();
  return useBoard((it) => pro && it.mode === 'realtime');
}
