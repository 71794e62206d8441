import { createStore } from 'zustand/vanilla';
import type { Watchlists } from '../../openInterest/views/watchlists.types.ts';

/** The watchlists of the user as last read or saved; `null`: not read yet, or a guest. */
export type Lists = {
  readonly saved: Watchlists | null;
  /** By the id of the list. */
  readonly symbols: ReadonlyMap<string, ReadonlySet<string>>;
};

export function createLists() {
  return createStore<Lists>(() => ({ saved: null, symbols: new Map() }));
}
