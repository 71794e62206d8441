import { exportCsv } from '../board/exportCsv.ts';
import type { ColumnKey } from '../board/columns.ts';
import type { Dashboard } from '../dashboard.ts';
import { openSymbol } from '../drawer/openSymbol.ts';
import { focusSearch, togglePause, toggleRail } from '../shell/actions.ts';
import { copyText } from '../shell/copyText.ts';
import { goToSignIn, signOut } from '../shell/session.ts';
import { stepAlerts } from '../shell/shortcuts.ts';
import { symbolPath } from '../symbolPath.ts';

/** `label` is what the search compares. `hint`: the key that does the same, or what happens. */
export type PaletteCommand = {
  readonly label: string;
  readonly hint: string;
  readonly run: (dashboard: Dashboard) => unknown;
};

/** What the viewer can do here, in the order of the list before something is typed. */
export function actionsOf(dashboard: Dashboard, columns: readonly ColumnKey[]): PaletteCommand[] {
  const { session, view } = dashboard;
  const { symbol } = view.store.getState();
  return [
    ...(symbol === null ? [] : actionsOfSymbol(symbol)),
    { label: 'Filter symbols', hint: '/', run: focusSearch },
    { label: 'Show or hide alerts', hint: 'A', run: toggleRail },
    { label: 'Open the next alert', hint: 'J', run: stepAlerts(1) },
    { label: 'Pause or resume updates', hint: 'P', run: togglePause },
    { label: 'Copy a link to this view', hint: '', run: (it) => copyText(it, window.location.href) },
    { label: 'Export CSV', hint: '', run: (it) => exportCsv(it, columns) },
    { label: 'Theme: dark', hint: '', run: ({ preferences }) => preferences.change({ theme: 'dark' }) },
    { label: 'Theme: light', hint: '', run: ({ preferences }) => preferences.change({ theme: 'light' }) },
    { label: 'Theme: system', hint: '', run: ({ preferences }) => preferences.change({ theme: 'system' }) },
    { label: 'Settings', hint: '', run: ({ page }) => page.setState({ dialog: 'settings' }) },
    { label: 'What the columns mean', hint: '', run: ({ page }) => page.setState({ dialog: 'columns' }) },
    { label: 'Keyboard shortcuts', hint: '?', run: ({ page }) => page.setState({ dialog: 'keys' }) },
    linkTo('Market', `/market${window.location.search}`),
    linkTo('Alert rules', '/alerts'),
    ...(session?.role === 'admin' ? [linkTo('Operator page', '/debug/open-interest')] : []),
    linkTo('API documents', '/docs'),
    session
      ? { label: 'Sign out', hint: '', run: () => signOut() }
      : { label: 'Sign in', hint: '', run: () => goToSignIn() },
  ];
}

/** A command for each symbol of the board, also for those that filters hide. */
export function symbolsOf({ live }: Dashboard): PaletteCommand[] {
  const symbols = [...(live.store.getState().sync.board?.rows.keys() ?? [])];
  return symbols.map((symbol) => ({
    label: symbol,
    hint: 'Open details',
    run: (dashboard) => openSymbol(dashboard, symbol),
  }));
}

function actionsOfSymbol(symbol: string): PaletteCommand[] {
  return [
    linkTo(`Page of ${symbol}`, symbolPath(symbol)),
    { label: `Copy ${symbol}`, hint: '', run: (it) => copyText(it, symbol) },
    {
      label: `Copy a link to ${symbol}`,
      hint: '',
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
