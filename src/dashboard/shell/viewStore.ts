import { readView, writeView } from '../board/urlState.ts';
import type { View } from '../board/view.ts';
import { createStore, type Store } from '../live/store.ts';

/** The view, kept in the address: `replace` for what is adjusted, a new entry for what is opened, so that Back closes it. */
export type ViewStore = Store<View> & {
  change(change: Partial<View>, entry?: 'replace' | 'push'): void;
};

export function createViewStore(): ViewStore {
  const store = createStore(readView(window.location.search));
  window.addEventListener('popstate', () => store.set(readView(window.location.search)));

  return {
    ...store,
    change(change, entry = 'replace') {
      const next = { ...store.get(), ...change };
      const query = writeView(next);
      const address = query === '' ? window.location.pathname : `?${query}`;
      if (entry === 'push') window.history.pushState(null, '', address);
      else window.history.replaceState(null, '', address);
      store.set(next);
    },
  };
}
