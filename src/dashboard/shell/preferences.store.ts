import { createStore } from 'zustand/vanilla';
import { DEFAULT_SETTINGS, type Memory, type Settings } from './settings.ts';

/** What this browser remembers of its viewer. */
export type Preferences = { readonly settings: Settings; readonly favourites: ReadonlySet<string> };

export type PreferencesStore = ReturnType<typeof createPreferences>;

export function createPreferences(memory: Memory) {
  const store = createStore<Preferences>(() => ({
    settings: memory.readSettings(),
    favourites: memory.readFavourites(),
  }));

  memory.onFavourites(() => store.setState({ favourites: memory.readFavourites() }));

  function setFavourites(favourites: ReadonlySet<string>): void {
    store.setState({ favourites });
    memory.writeFavourites(favourites);
  }

  return {
    store,
    change(change: Partial<Settings>) {
      store.setState(({ settings }) => ({ settings: { ...settings, ...change } }));
      // What another tab has changed meanwhile stays.
      memory.writeSettings({ ...memory.readSettings(), ...change });
    },
    toggleFavourite(symbol: string) {
      const favourites = new Set(store.getState().favourites);
      if (!favourites.delete(symbol)) favourites.add(symbol);
      setFavourites(favourites);
    },
    setFavourites,
    /** The answer is what was there before, for `restore`. */
    reset(): Preferences {
      const before = store.getState();
      memory.forget();
      store.setState({ settings: DEFAULT_SETTINGS, favourites: new Set() });
      return before;
    },
    restore(before: Preferences) {
      store.setState(before);
      memory.writeSettings(before.settings);
      memory.writeFavourites(before.favourites);
    },
  };
}
