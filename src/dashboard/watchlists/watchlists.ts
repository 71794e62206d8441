import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { Watchlists, WatchlistsInput } from '../../openInterest/views/watchlists.types.ts';
import type { Dashboard } from '../dashboard.ts';
import { ApiError, getJson, sendJson } from '../live/api.ts';
import { symbolOfPath } from '../symbolPath.ts';
import { changeKept } from './changeKept.ts';
import { keepFavourites } from './favourites.ts';
import type { Lists } from './lists.store.ts';
import { whenBack } from './whenBack.ts';

const PATH = '/api/watchlists';

/**
 * Reads the lists of the user, also when the viewer comes back to the page, and keeps the stars in step with them. A guest,
 * and an address of another's list, learn why.
 */
export async function openWatchlists(dashboard: Dashboard): Promise<void> {
  const { session, page } = dashboard;
  if (!session) return leaveMissingList(dashboard, 'Sign in to use the watchlist in the address.');
  keepFavourites(dashboard, session.sub, (change) => changeWatchlists(dashboard, change));
  whenBack(() => void refreshWatchlists(dashboard));
  try {
    await readWatchlists(dashboard);
  } catch {
    return page.setState({ notice: 'Your watchlists could not be loaded.' });
  }
  leaveMissingList(dashboard, 'The watchlist in the address is not one of yours.');
}

async function refreshWatchlists(dashboard: Dashboard): Promise<void> {
  const saved = await readWatchlists(dashboard).catch(() => null);
  if (saved) leaveMissingList(dashboard, 'The watchlist that was shown is deleted.');
}

function leaveMissingList({ view, lists, page }: Dashboard, notice: string): void {
  const { list } = view.store.getState();
  if (list === null || lists.getState().symbols.has(list)) return;
  view.change({ list: null });
  page.setState({ notice });
}

export async function readWatchlists({ lists }: Pick<Dashboard, 'lists'>): Promise<Watchlists> {
  const saved = await getJson(PATH, Watchlists);
  lists.setState(keepNewer(saved));
  return saved;
}

/** An answer that a later one has overtaken would undo what was changed since. */
export function keepNewer(saved: Watchlists): (held: Lists) => Lists {
  return (held) =>
    held.saved !== null && held.saved.version > saved.version
      ? held
      : { saved, symbols: new Map(saved.lists.map((it) => [it.id, new Set(it.symbols)])) };
}

/** Rejects with ApiError if the server refuses the change or cannot be reached. */
export async function changeWatchlists(
  dashboard: Pick<Dashboard, 'lists'>,
  change: (saved: Watchlists) => Watchlists,
): Promise<void> {
  const { lists } = dashboard;
  const read = (): Promise<Watchlists> => readWatchlists(dashboard);
  const known = lists.getState().saved ?? (await read());
  lists.setState(keepNewer(await changeKept(known, change, { read, replace })));
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
