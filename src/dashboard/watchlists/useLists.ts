import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { Watchlists } from '../../openInterest/views/watchlists.types.ts';
import { useDashboard } from '../shell/useDashboard.ts';
import { describeFault } from './changeKept.ts';
import type { Watchlist } from './listChanges.ts';
import { useSaving } from './useSaving.ts';
import { changeWatchlists, readWatchlists } from './watchlists.ts';

/** The lists of the user without that of the stars, read again when the component appears; `null` before. */
export function useLists() {
  const dashboard = useDashboard();
  const saved = useStore(dashboard.lists, (it) => it.saved);
  const { fault, setFault, attempt } = useSaving();
  useEffect(() => {
    readWatchlists(dashboard).catch((thrown: unknown) => setFault(describeFault(thrown)));
  }, [dashboard, setFault]);

  const save = (change: (saved: Watchlists) => Watchlists) => attempt(changeWatchlists(dashboard, change));
  const own: readonly Watchlist[] | null = saved && saved.lists.filter((it) => it.id !== FAVOURITES_ID);
  return { own, saved, fault, save };
}
