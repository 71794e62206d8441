import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { z } from 'zod';
import { WatchedSymbol, type Watchlists } from '../../openInterest/views/watchlists.types.ts';
import type { Dashboard } from '../dashboard.ts';
import { isSameSet, withFavourites } from './listChanges.ts';

const KEY = 'oi.favourites.kept.v1';
const SAVE_AFTER_MS = 300;
/** What one list may have. */
const MOST_KEPT = 500;

/** What the server had when this browser last agreed with it, and for whom. */
const Agreed = z.object({ sub: z.string(), symbols: z.array(z.string()) });

/**
 * The stars of browser and server together. `agreed`: what both had last; what differs from it in the browser was changed
 * here, everything else elsewhere. The agreement with another user says only which stars are not this user's.
 */
export function mergeFavourites(given: {
  browser: ReadonlySet<string>;
  server: ReadonlySet<string>;
  agreed: ReadonlySet<string>;
  isSameUser: boolean;
}): Set<string> {
  const { browser, server, agreed, isSameUser } = given;
  const merged = [...server].filter((it) => !isSameUser || browser.has(it) || !agreed.has(it));
  return new Set([...merged, ...[...browser].filter((it) => !agreed.has(it))]);
}

/**
 * Keeps the stars of the page and the list of favourites on the server in step. `save` applies a change to the lists.
 * Stars that cannot be saved now stay in the browser, and are merged with the next change or the next visit.
 */
export function keepFavourites(
  { lists, preferences, memory }: Dashboard,
  sub: string,
  save: (change: (saved: Watchlists) => Watchlists) => Promise<unknown>,
): void {
  const stored = memory.read(KEY, Agreed);
  let agreed: ReadonlySet<string> = new Set(stored?.symbols);
  let isSameUser = stored === null || stored.sub === sub;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const starred = (): ReadonlySet<string> => preferences.store.getState().favourites;

  function saveLater(): void {
    clearTimeout(timer);
    const kept = (): string[] =>
      [...starred()].filter((it) => WatchedSymbol.safeParse(it).success).slice(0, MOST_KEPT);
    timer = setTimeout(
      () => void save((saved) => withFavourites(saved, kept())).catch(() => null),
      SAVE_AFTER_MS,
    );
  }

  function reconcile(): void {
    const { saved, symbols } = lists.getState();
    if (saved === null) return;
    const server = symbols.get(FAVOURITES_ID) ?? new Set();
    const browser = starred();
    const merged = mergeFavourites({ browser, server, agreed, isSameUser });
    agreed = server;
    isSameUser = true;
    memory.write(KEY, { sub, symbols: [...server] });
    if (!isSameSet(merged, browser)) preferences.setFavourites(merged);
    if (!isSameSet(merged, server)) saveLater();
  }

  lists.subscribe(reconcile);
  preferences.store.subscribe((next, before) => {
    if (next.favourites !== before.favourites) reconcile();
  });
  reconcile();
}
