import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LiveState } from '../live/live.ts';
import { monotonicClock } from '../../client/sync.clock.ts';
import type { PageState } from '../shell/page.store.ts';
import type { Lists } from '../watchlists/lists.store.ts';
import type { Preferences } from '../shell/preferences.store.ts';
import { deriveBoard, type BoardState } from './deriveBoard.ts';
import type { View } from './view.ts';

/** The board as it is drawn, derived again whenever something it depends on changes. */
export function createBoardStore(from: {
  live: StoreApi<LiveState>;
  view: StoreApi<View>;
  preferences: StoreApi<Preferences>;
  lists: StoreApi<Lists>;
  page: StoreApi<PageState>;
}) {
  const derive = (before: BoardState | null, apply = false): BoardState => {
    const { busyUntil, menuOpen } = from.page.getState();
    const view = from.view.getState();
    return deriveBoard(before, {
      live: from.live.getState(),
      view,
      favourites: from.preferences.getState().favourites,
      listed: from.lists.getState().symbols.get(view.list!),
      busy: menuOpen || monotonicClock.now() < busyUntil,
      apply,
    });
  };
  const store = createStore<BoardState>(() => derive(null));
  const update = (): void => store.setState((before) => derive(before), true);
  for (const source of Object.values(from)) source.subscribe(update);

  return {
    store,
    /** Moves the rows to their places at once. */
    applyOrder: () => store.setState((before) => derive(before, true), true),
  };
}
