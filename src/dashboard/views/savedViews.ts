import { SavedViews, type SavedView } from '../../openInterest/views/views.types.ts';
import { readView, writeView } from '../board/urlState.ts';
import type { View } from '../board/view.ts';
import type { Dashboard } from '../dashboard.ts';
import { getJson, sendJson } from '../live/api.ts';

const PATH = '/api/saved-views';

export const readSavedViews = (): Promise<SavedViews> => getJson(PATH, SavedViews);

/** Rejects with 412 if another page has saved since. */
export function replaceSavedViews({ version, ...body }: SavedViews): Promise<SavedViews> {
  return sendJson('PUT', PATH, SavedViews, { body, ifMatch: `"${version}"` });
}

/** Filters, sort, columns, unit and window as they are now; not the symbol that is open. */
export function captureView({ view, preferences }: Dashboard): string {
  const shown = view.store.getState();
  const columns = shown.columns ?? preferences.store.getState().settings.columns;
  return writeView({ ...shown, columns, symbol: null, alert: null });
}

export function showView({ view }: Dashboard, query: string): void {
  const { symbol, alert, range } = view.store.getState();
  view.change({ ...readView(query), symbol, alert, range } satisfies View);
}

/** The view replaces the one of its name, or is added. */
export function withView(saved: SavedViews, view: SavedView): SavedViews {
  const isKnown = saved.views.some((it) => it.name === view.name);
  const views = saved.views.map((it) => (it.name === view.name ? view : it));
  return { ...saved, views: isKnown ? views : [...views, view] };
}

export function withoutView(saved: SavedViews, name: string): SavedViews {
  const views = saved.views.filter((it) => it.name !== name);
  return { ...saved, views, defaultName: saved.defaultName === name ? null : saved.defaultName };
}

export function renameView(saved: SavedViews, from: string, to: string): SavedViews {
  const views = saved.views.map((it) => (it.name === from ? { ...it, name: to } : it));
  return { ...saved, views, defaultName: saved.defaultName === from ? to : saved.defaultName };
}

/** Shows the default view where the address asks for nothing, unless the viewer was faster. */
export async function showDefaultView(dashboard: Dashboard): Promise<void> {
  const { store } = dashboard.view;
  const before = store.getState();
  const { views, defaultName } = await readSavedViews();
  const found = views.find((it) => it.name === defaultName);
  if (found && store.getState() === before) showView(dashboard, found.query);
}
