import { createStore } from 'zustand/vanilla';
import { readView, writeView } from '../board/urlState.ts';
import type { View } from '../board/view.ts';
import { symbolOfPath, symbolPath } from '../symbolPath.ts';
import type { PreferencesStore } from './preferences.store.ts';

/** The state of the entry that opening adds. */
const OPENED = 'opened';

/**
 * The view, kept in the address: adjustments replace the history entry, opening adds one, so that Back closes. Unit and
 * window are settings as well: the address overrides them, and changing them changes both. On the page of a symbol the
 * path names it.
 */
export function createViewStore(preferences: PreferencesStore) {
  const isSymbolPage = symbolOfPath(window.location.pathname) !== null;
  function read(): View {
    const view = readView(window.location.search, preferences.store.getState().settings);
    return isSymbolPage ? { ...view, symbol: symbolOfPath(window.location.pathname) } : view;
  }
  function addressOf(view: View): string {
    const isInPath = isSymbolPage && view.symbol !== null;
    const path = isInPath ? symbolPath(view.symbol) : window.location.pathname;
    const query = writeView(isInPath ? { ...view, symbol: null } : view);
    return query === '' ? path : `${path}?${query}`;
  }

  const store = createStore<View>(read);
  let isLeaving = false;
  window.addEventListener('popstate', () => {
    // The entry below has the address of the time before opening.
    if (isLeaving) window.history.replaceState(null, '', addressOf(store.getState()));
    else store.setState(read(), true);
    isLeaving = false;
  });

  return {
    store,
    change(change: Partial<View>, entry: 'replace' | 'push' = 'replace') {
      const before = store.getState();
      const next = { ...before, ...change };
      const { unit, window: period } = next;
      if (unit !== before.unit || period !== before.window) preferences.change({ unit, window: period });
      const address = addressOf(next);
      if (entry === 'push') window.history.pushState(OPENED, '', address);
      else window.history.replaceState(window.history.state, '', address);
      store.setState(next, true);
    },
    /** Closes what an entry was added for, and leaves that entry: Back would lead to the same view again. */
    close(change: Partial<View>) {
      if (window.history.state !== OPENED) return this.change(change);
      store.setState({ ...store.getState(), ...change }, true);
      isLeaving = true;
      window.history.back();
    },
  };
}
