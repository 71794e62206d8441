import { SavedViews, SavedViewsInput, type SavedView } from '../../openInterest/views/views.types.ts';
import { readView, writeView } from '../board/urlState.ts';
import type { View } from '../board/view.ts';
import type { Dashboard } from '../dashboard.ts';
import { ApiError, getJson, sendJson } from '../live/api.ts';
import type { Memory } from '../shell/settings.ts';

const PATH = '/api/saved-views';
const BROWSER_KEY = 'oi.views.v1';

/** Where the viewer's views are kept: on the server, or in the browser for a guest. */
export function viewsOf({ session, memory }: Pick<Dashboard, 'session' | 'memory'>) {
  if (session) return { read: () => getJson(PATH, SavedViews), replace };
  return {
    read: async (): Promise<SavedViews> => ({ ...readBrowserViews(memory), version: 0 }),
    async replace(views: SavedViews): Promise<SavedViews> {
      writeBrowserViews(memory, checkViews(views));
      return views;
    },
  };
}

/** Rejects with 412 if another page has saved since. */
async function replace(views: SavedViews): Promise<SavedViews> {
  const body = checkViews(views);
  return sendJson('PUT', PATH, SavedViews, { body, ifMatch: `"${views.version}"` });
}

function checkViews({ views, defaultName }: SavedViews): SavedViewsInput {
  const checked = SavedViewsInput.safeParse({ views, defaultName });
  if (checked.success) return checked.data;
  const details = checked.error.issues.map((it) => ({ path: String(it.path.at(-1)), message: it.message }));
  throw new ApiError('The views cannot be saved', { status: null, code: 'invalid', details });
}

export function readBrowserViews(memory: Memory): SavedViewsInput {
  return memory.read(BROWSER_KEY, SavedViewsInput) ?? { views: [], defaultName: null };
}

export function writeBrowserViews(memory: Memory, views: SavedViewsInput): void {
  memory.write(BROWSER_KEY, views);
}

/** Filters, sort, columns, unit and window as they are now; not the symbol that is open. */
export function captureView({ view, preferences }: Dashboard): string {
  const shown = view.store.getState();
  const columns = shown.columns ?? preferences.store.getState().settings.columns;
  return writeView({ ...shown, columns, symbol: null, alert: null });
}

/** Without a watchlist that was deleted since. */
export function showView({ view, lists }: Dashboard, query: string): void {
  const { symbol, alert, range } = view.store.getState();
  const { list, ...rest } = readView(query);
  const { saved, symbols } = lists.getState();
  const isGone = list !== null && saved !== null && !symbols.has(list);
  view.change({ ...rest, list: isGone ? null : list, symbol, alert, range } satisfies View);
}

// Changes of the views. Each answers the same object if nothing changes.

/** The view replaces the one of its name, or is added. */
export function withView(saved: SavedViews, view: SavedView): SavedViews {
  const isKnown = saved.views.some((it) => it.name === view.name);
  const views = saved.views.map((it) => (it.name === view.name ? view : it));
  return { ...saved, views: isKnown ? views : [...views, view] };
}

/** Adds those whose name is free. */
export function withViews(saved: SavedViews, given: readonly SavedView[]): SavedViews {
  const added = given.filter((view) => !saved.views.some((it) => it.name === view.name));
  return added.length === 0 ? saved : { ...saved, views: [...saved.views, ...added] };
}

export function withoutView(saved: SavedViews, name: string): SavedViews {
  const views = saved.views.filter((it) => it.name !== name);
  if (views.length === saved.views.length) return saved;
  return { ...saved, views, defaultName: saved.defaultName === name ? null : saved.defaultName };
}

/** Puts a deleted view back where it was. A view that has its name now stays, and so does another default. */
export function restoreView(
  saved: SavedViews,
  { view, at, wasDefault }: { view: SavedView; at: number; wasDefault: boolean },
): SavedViews {
  if (saved.views.some((it) => it.name === view.name)) return saved;
  const defaultName = saved.defaultName ?? (wasDefault ? view.name : null);
  return { ...saved, views: saved.views.toSpliced(at, 0, view), defaultName };
}

export function renameView(saved: SavedViews, from: string, to: string): SavedViews {
  const views = saved.views.map((it) => (it.name === from ? { ...it, name: to } : it));
  return { ...saved, views, defaultName: saved.defaultName === from ? to : saved.defaultName };
}

/** A view that was deleted meanwhile is no default. */
export function withDefault(saved: SavedViews, name: string | null): SavedViews {
  if (name !== null && !saved.views.some((it) => it.name === name)) return saved;
  return { ...saved, defaultName: name };
}

/** Shows the default view where the address asks for nothing, unless the viewer was faster. */
export async function showDefaultView(dashboard: Dashboard): Promise<void> {
  const { store } = dashboard.view;
  const before = store.getState();
  const { views, defaultName } = await viewsOf(dashboard).read();
  const found = views.find((it) => it.name === defaultName);
  if (found && store.getState() === before) showView(dashboard, found.query);
}
