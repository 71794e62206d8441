import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { Watchlists, WatchlistsInput } from '../../openInterest/views/watchlists.types.ts';
import type { Dashboard } from '../dashboard.ts';
import { ApiError, getJson, sendJson } from '../live/api.ts';
import { symbolOfPath } from '../symbolPath.ts';
import { changeKept } from './changeKept.ts';
import { keepFavourites } from './favourites.ts';

const PATH = '/api/watchlists';

/** Reads the lists of the user and keeps the stars in step with them. A guest, and an address of another's list, learn why. */
export async function openWatchlists(dashboard: Dashboard): Promise<void> {
  const { session, view, page } = dashboard;
  if (session) {
    keepFavourites(dashboard, session.sub, (change) => changeWatchlists(dashboard, change));
    const read = readWatchlists(dashboard).catch(() => null);
    if ((await read) === null) return page.setState({ notice: 'Your watchlists could not be loaded.' });
  }
  const { list } = view.store.getState();
  if (list === null || dashboard.lists.getState().symbols.has(list)) return;
  view.change({ list: null });
  const notice = session
    ? 'The watchlist in the address is not one of yours.'
    : 'Sign in to use the watchlist in the address.';
  page.setState({ notice });
}

export async function readWatchlists({ lists }: Pick<Dashboard, 'lists'>): Promise<Watchlists> {
  const saved = await getJson(PATH, Watchlists);
  lists.setState({ saved, symbols: new Map(saved.lists.map((it) => [it.id, new Set(it.symbols)])) });
  return saved;
}

/** Rejects with ApiError if the server refuses the change or cannot be reached. */
export async function changeWatchlists(
  dashboard: Pick<Dashboard, 'lists'>,
  change: (saved: Watchlists) => Watchlists,
): Promise<void> {
  const { lists } = dashboard;
  const read = (): Promise<Watchlists> => readWatchlists(dashboard);
  const known = lists.getState().saved ?? (await read());
  const saved = await changeKept(known, change, { read, replace });
  lists.setState({ saved, symbols: new Map(saved.lists.map((it) => [it.id, new Set(it.symbols)])) });
}

async function replace({ version, ...body }: Watchlists): Promise<Watchlists> {
  const { error } = WatchlistsInput.safeParse(body);
  if (!error) return sendJson('PUT', PATH, Watchlists, { body, ifMatch: `"${version}"` });
  const details = error.issues.map((it) => ({ path: String(it.path.at(-1)), message: it.message }));
  throw new ApiError('The lists cannot be saved', { status: null, code: 'invalid', details });
}

/** Filters the board by a list; `null`: by none. On the page of a symbol the board is another page. */
export function showList({ view }: Dashboard, id: string | null): void {
  const change = { favouritesOnly: id === FAVOURITES_ID, list: id === FAVOURITES_ID ? null : id };
  if (symbolOfPath(window.location.pathname) === null) return view.change(change);
  window.location.assign(id === FAVOURITES_ID ? '/?fav=1' : `/?list=${id}`);
}
