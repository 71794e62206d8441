import { RANGES, toRange, type Range } from '../board/view.ts';
import type { Dashboard } from '../dashboard.ts';
import { closeSymbol, stepSymbol } from '../drawer/openSymbol.ts';
import { focusSearch, openListsOf, toggleFocusedFavourite, togglePause, toggleRail } from './actions.ts';
import { prefetchWhenIdle } from './prefetch.ts';

type Shortcut = (dashboard: Dashboard) => void;

const loadSteps = () => import('../alerts/stepAlert.ts');
prefetchWhenIdle(loadSteps);

export function stepAlerts(by: 1 | -1): Shortcut {
  return (dashboard) => void loadSteps().then((it) => it.stepAlert(dashboard, by));
}

const EVERYWHERE: Readonly<Record<string, Shortcut>> = {
  '/': focusSearch,
  'Ctrl+k': ({ page }) => page.setState({ dialog: 'palette' }),
  a: toggleRail,
  j: stepAlerts(1),
  k: stepAlerts(-1),
  p: togglePause,
  f: toggleFocusedFavourite,
  l: (dashboard) => openListsOf(dashboard),
  '?': ({ page }) => page.setState({ dialog: 'keys' }),
};

const showRange =
  (range: Range): Shortcut =>
  ({ view }) =>
    view.change(toRange(range));

const IN_DETAILS: Readonly<Record<string, Shortcut>> = {
  '[': (dashboard) => stepSymbol(dashboard, -1),
  ']': (dashboard) => stepSymbol(dashboard, 1),
  ...Object.fromEntries(RANGES.map((range, i) => [String(i + 1), showRange(range)])),
  Escape: closeSymbol,
};

/**
 * Keyboard shortcuts of the whole page; the returned function removes them. Single keys can be turned off, because
 * speech input types them, and never act while text is typed.
 */
export function listenToShortcuts(dashboard: Dashboard): () => void {
  function onKeyDown(event: KeyboardEvent): void {
    const name = nameOf(event);
    const action = actionOf(dashboard, name);
    const { page } = dashboard;
    const isModal = page.getState().dialog !== null;
    // An open dialog closes by itself; one that could not be loaded does not.
    if (isModal && name === 'Escape' && !document.querySelector('dialog[open]'))
      page.setState({ dialog: null });
    if (!action || isModal || event.defaultPrevented || event.altKey) return;
    if (name.length === 1 && (isTyping(event) || !dashboard.preferences.store.getState().settings.shortcuts))
      return;
    event.preventDefault();
    action(dashboard);
  }
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

function actionOf({ view, page }: Dashboard, name: string): Shortcut | undefined {
  const inDetails = view.store.getState().symbol === null ? undefined : IN_DETAILS[name];
  if (inDetails) return inDetails;
  if (name === 'Escape' && page.getState().sheetOpen) return () => page.setState({ sheetOpen: false });
  return EVERYWHERE[name];
}

function nameOf({ key, ctrlKey, metaKey }: KeyboardEvent): string {
  if (ctrlKey || metaKey) return `Ctrl+${key.toLowerCase()}`;
  return key.length === 1 ? key.toLowerCase() : key;
}

function isTyping({ target }: KeyboardEvent): boolean {
  const field = 'input:not([type=checkbox]):not([type=radio]), select, textarea';
  return target instanceof Element && target.closest(field) !== null;
}
