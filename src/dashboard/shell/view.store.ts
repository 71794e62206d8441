import { createStore } from 'zustand/vanilla';
import { readView, writeView } from '../board/urlState.ts';
import type { View } from '../board/view.ts';
import type { PreferencesStore } from './preferences.store.ts';

/**
 * The view, kept in the address: adjustments replace the history entry, opening adds one, so that Back closes. Unit and
 * window are settings as well: the address overrides them, and changing them changes both.
 */
export function createViewStore(preferences: PreferencesStore) {
  const read = (): View => readView(window.location.search, preferences.store.getState().settings);
  const store = createStore<View>(read);
  window.addEventListener('popstate', () => store.setState(read(), true));

  return {
    store,
    change(change: Partial<View>, entry: 'replace' | 'push' = 'replace') {
      const before = store.getState();
      const next = { ...before, ...change };
      const { unit, window: period } = next;
      if (unit !== before.unit || period !== before.window) preferences.change({ unit, window: period });
      const query = writeView(next);
      const address = query === '' ? window.location.pathname : `?${query}`;
      if (entry === 'push') window.history.pushState(null, '', address);
      else window.history.replaceState(null, '', address);
      store.setState(next, true);
    },
  };
}
