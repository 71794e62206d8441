import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Watchlists } from '../../openInterest/views/watchlists.types.ts';
import { useDashboard } from '../shell/useDashboard.ts';
import { describeFault } from './changeKept.ts';
import type { Watchlist } from './listChanges.ts';
import { changeWatchlists, readWatchlists } from './watchlists.ts';

/** The lists of the user without that of the stars, read again when the component appears; `null` before. */
export function useLists() {
  const dashboard = useDashboard();
  const saved = useStore(dashboard.lists, (it) => it.saved);
  const [fault, setFault] = useState('');
  useEffect(() => {
    readWatchlists(dashboard).catch((thrown: unknown) => setFault(describeFault(thrown)));
  }, [dashboard]);

  /** Resolves to whether the server stored the change. */
  async function save(change: (saved: Watchlists) => Watchlists): Promise<boolean> {
    try {
      await changeWatchlists(dashboard, change);
      setFault('');
      return true;
    } catch (thrown) {
      setFault(describeFault(thrown));
      return false;
    }
  }
  const own: readonly Watchlist[] | null = saved && saved.lists.filter((it) => it.id !== FAVOURITES_ID);
  return { own, saved, fault, save };
}
