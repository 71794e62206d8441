import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import type { Watchlists } from '../../openInterest/views/watchlists.types.ts';

/** Changes of the watchlists. Each answers the same object if nothing changes. */

export type Watchlist = Watchlists['lists'][number];

/** Random, so that a rule that names a deleted list never follows another one. */
export function newListId(): string {
  const [a, b] = crypto.getRandomValues(new Uint32Array(2));
  return `${a!.toString(36)}${b!.toString(36)}`.slice(0, 12);
}

/** A list of this id stays as it is. */
export function withList(saved: Watchlists, list: Watchlist, at = saved.lists.length): Watchlists {
  if (saved.lists.some((it) => it.id === list.id)) return saved;
  return { ...saved, lists: saved.lists.toSpliced(at, 0, list) };
}

export function withoutList(saved: Watchlists, id: string): Watchlists {
  const lists = saved.lists.filter((it) => it.id !== id);
  return lists.length === saved.lists.length ? saved : { ...saved, lists };
}

export function renameList(saved: Watchlists, id: string, name: string): Watchlists {
  return changeList(saved, id, (list) => (list.name === name ? list : { ...list, name }));
}

export function putSymbol(saved: Watchlists, id: string, symbol: string, isIn: boolean): Watchlists {
  return changeList(saved, id, (list) => {
    if (list.symbols.includes(symbol) === isIn) return list;
    const others = list.symbols.filter((it) => it !== symbol);
    return { ...list, symbols: isIn ? [...others, symbol] : others };
  });
}

/** The list of the stars, which is the first one. */
export function withFavourites(saved: Watchlists, symbols: readonly string[]): Watchlists {
  const list = saved.lists.find((it) => it.id === FAVOURITES_ID);
  if (!list) {
    if (symbols.length === 0) return saved;
    return withList(saved, { id: FAVOURITES_ID, name: freeName(saved), symbols: [...symbols] }, 0);
  }
  if (isSameSet(new Set(list.symbols), new Set(symbols))) return saved;
  return changeList(saved, FAVOURITES_ID, () => ({ ...list, symbols: [...symbols] }));
}

export function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((it) => b.has(it));
}

/** A list of the user may have the name already. */
function freeName({ lists }: Watchlists): string {
  const isTaken = (name: string) => lists.some((it) => it.name === name);
  let name = 'Favourites';
  for (let i = 2; isTaken(name); i++) name = `Favourites ${i}`;
  return name;
}

function changeList(saved: Watchlists, id: string, change: (list: Watchlist) => Watchlist): Watchlists {
  const lists = saved.lists.map((it) => (it.id === id ? change(it) : it));
  return lists.every((it, i) => it === saved.lists[i]) ? saved : { ...saved, lists };
}
