import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { exportCsv } from '../board/exportCsv.ts';
import type { ColumnKey } from '../board/columns.ts';
import type { Dashboard } from '../dashboard.ts';
import { openSymbol } from '../drawer/openSymbol.ts';
import { focusSearch, togglePause, toggleRail } from '../shell/actions.ts';
import { describeFault } from '../watchlists/changeKept.ts';
import { putSymbol } from '../watchlists/listChanges.ts';
import { changeWatchlists, showList } from '../watchlists/watchlists.ts';
import { copyText } from '../shell/copyText.ts';
import { goToSignIn, signOut } from '../shell/session.ts';
import { stepAlerts } from '../shell/shortcuts.ts';
import { symbolOfPath, symbolPath } from '../symbolPath.ts';

/** `label` is what the search compares. `hint`: the key that does the same, or what happens. */
export type PaletteCommand = {
  readonly label: string;
  readonly hint?: string;
  readonly run: (dashboard: Dashboard) => unknown;
};

/** What the viewer can do here, in the order of the list before something is typed. */
export function actionsOf(dashboard: Dashboard, columns: readonly ColumnKey[]): PaletteCommand[] {
  const { session, view } = dashboard;
  const { symbol } = view.store.getState();
  return [
    ...(symbol === null ? [] : actionsOfSymbol(symbol)),
    ...(symbolOfPath(window.location.pathname) === null
      ? actionsOfBoard(columns)
      : [linkTo('Dashboard', '/')]),
    { label: 'Copy a link to this view', run: (it) => copyText(it, window.location.href) },
    { label: 'Theme: dark', run: ({ preferences }) => preferences.change({ theme: 'dark' }) },
    { label: 'Theme: light', run: ({ preferences }) => preferences.change({ theme: 'light' }) },
    { label: 'Theme: system', run: ({ preferences }) => preferences.change({ theme: 'system' }) },
    { label: 'Settings', run: ({ page }) => page.setState({ dialog: 'settings' }) },
    { label: 'What the columns mean', run: ({ page }) => page.setState({ dialog: 'columns' }) },
    { label: 'Keyboard shortcuts', hint: '?', run: ({ page }) => page.setState({ dialog: 'keys' }) },
    linkTo('Market', `/market${window.location.search}`),
    linkTo('Alert rules', '/alerts'),
    ...(session?.role === 'admin' ? [linkTo('Operator page', '/debug/open-interest')] : []),
    linkTo('API documents', '/docs'),
    session ? { label: 'Sign out', run: () => signOut() } : { label: 'Sign in', run: () => goToSignIn() },
  ];
}

/** A command for each watchlist, and for the symbol that is open in each. */
export function listsOf({ lists, view }: Dashboard): PaletteCommand[] {
  const own = lists.getState().saved?.lists.filter((it) => it.id !== FAVOURITES_ID) ?? [];
  const { symbol } = view.store.getState();
  return [
    { label: 'List: All symbols', hint: 'Show', run: (it) => showList(it, null) },
    { label: 'List: Favourites', hint: 'Show', run: (it) => showList(it, FAVOURITES_ID) },
    ...own.map(({ id, name }) => ({
      label: `List: ${name}`,
      hint: 'Show',
      run: (it: Dashboard) => showList(it, id),
    })),
    ...(symbol === null ? [] : own).map(({ id, name, symbols }) => {
      const isIn = symbols.includes(symbol!);
      return {
        label: isIn ? `Remove ${symbol} from ${name}` : `Add ${symbol} to ${name}`,
        run: (it: Dashboard) => putInList(it, id, symbol!, !isIn),
      };
    }),
  ];
}

async function putInList(dashboard: Dashboard, id: string, symbol: string, isIn: boolean): Promise<void> {
  const notify = (notice: string): void => dashboard.page.setState({ notice });
  await changeWatchlists(dashboard, (it) => putSymbol(it, id, symbol, isIn)).then(
    () => notify(isIn ? `${symbol} was added.` : `${symbol} was removed.`),
    (thrown: unknown) => notify(describeFault(thrown)),
  );
}

/** A command for each symbol of the board, also for those that filters hide; of equal matches the largest is first. */
export function symbolsOf({ live }: Dashboard): PaletteCommand[] {
  const rows = [...(live.store.getState().sync.board?.rows.values() ?? [])];
  const largestFirst = rows.toSorted((a, b) => (b.openInterestUsd ?? 0) - (a.openInterestUsd ?? 0));
  return largestFirst.map(({ symbol }) => ({
    label: symbol,
    hint: 'Open details',
    run: (dashboard) => openSymbol(dashboard, symbol),
  }));
}

/** What the page of a symbol has no place for. */
function actionsOfBoard(columns: readonly ColumnKey[]): PaletteCommand[] {
  return [
    { label: 'Filter symbols', hint: '/', run: focusSearch },
    { label: 'Show or hide alerts', hint: 'A', run: toggleRail },
    { label: 'Open the next alert', hint: 'J', run: stepAlerts(1) },
    { label: 'Pause or resume updates', hint: 'P', run: togglePause },
    { label: 'Export CSV', run: (it) => exportCsv(it, columns) },
  ];
}

function actionsOfSymbol(symbol: string): PaletteCommand[] {
  return [
    linkTo(`Page of ${symbol}`, symbolPath(symbol)),
    { label: `Copy ${symbol}`, run: (it) => copyText(it, symbol) },
    {
      label: `Copy a link to ${symbol}`,
      run: (it) => copyText(it, `${window.location.origin}${symbolPath(symbol)}`),
    },
    {
      label: `Favourite ${symbol}: add or remove`,
      hint: 'F',
      run: ({ preferences }) => preferences.toggleFavourite(symbol),
    },
  ];
}

function linkTo(label: string, path: string): PaletteCommand {
  return { label, hint: 'Open page', run: () => window.location.assign(path) };
}
