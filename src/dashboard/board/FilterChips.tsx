import { formatCount, formatPlain } from '../../kit/format.shared.ts';
import { useStore } from 'zustand';
import { Button } from '../shell/Button.tsx';
import { useBoard, useDashboard, useFavourites, useView } from '../shell/useDashboard.ts';
import { BOUND_KEYS } from './bounds.ts';
import { BOUND_WORDS } from './boundWords.ts';
import { labelState } from './lines.ts';
import { QUADRANT_LABELS } from './quadrant.ts';
import { NO_FILTERS, type View } from './view.ts';

/** The active filters, each with a button that removes it, and how many symbols they hide. */
export function FilterChips() {
  const { pro, view: store } = useDashboard();
  const { change } = store;
  const view = useView((it) => it);
  const favourites = useFavourites((it) => it);
  const isLive = useBoard((it) => it.isLive);
  const hidden = useBoard((it) => it.hidden);
  const total = useBoard((it) => it.total);
  const list = useStore(useDashboard().lists, ({ saved }) => saved?.lists.find((it) => it.id === view.list));
  const chips = chipsOf(view, isLive, list?.name);
  const leftOut = chips.filter(({ off }) => !Object.keys(off).some((it) => OF_RULES.has(it)));
  return (
    <div className="chips">
      {chips.map(({ text, off }) => (
        <button key={text} type="button" className="chip" onClick={() => change(off)}>
          {text}
          <span aria-hidden="true"> ×</span>
          <span className="sr-only">, remove filter</span>
        </button>
      ))}
      <Button className="quiet" onClick={() => change(NO_FILTERS)}>
        Clear all
      </Button>
      {pro && (
        <a className="button quiet" href={alertAddress(view, favourites)}>
          Save as alert
        </a>
      )}
      {pro && leftOut.length > 0 && (
        <span className="muted">(without {leftOut.map((it) => it.text).join(', ')})</span>
      )}
      <span className="muted">
        {formatCount(hidden)} of {formatCount(total)} symbols hidden by filters
      </span>
    </div>
  );
}

/** The filters that a rule can have. */
const OF_RULES: ReadonlySet<string> = new Set<keyof View>([
  'query',
  'favouritesOnly',
  'list',
  'quadrants',
  'direction',
  'minChange',
  'minVolume',
  'minUnusual',
]);

/** The page of alert rules with a new rule for what is filtered. */
function alertAddress(view: View, favourites: ReadonlySet<string>): string {
  const { query, direction, quadrants, minChange, minVolume, minUnusual, favouritesOnly, list } = view;
  // The score that is filtered is that of an hour.
  const isOfHour = minUnusual !== null && minChange === null && direction === null && quadrants.length === 0;
  const rule = new URLSearchParams({ new: '1', window: isOfHour ? '1h' : view.window });
  const symbols = query === '' && favouritesOnly ? [...favourites].join(' ') : query;
  if (symbols !== '') rule.set('symbols', symbols);
  else if (list !== null) rule.set('list', list);
  if (direction !== null) rule.set('direction', direction);
  if (minChange !== null) rule.set('pct', formatPlain(minChange));
  if (minVolume !== null) rule.set('vol', formatPlain(minVolume));
  if (minUnusual !== null) rule.set('unusual', formatPlain(minUnusual));
  if (quadrants.length > 0) rule.set('readings', quadrants.join(','));
  return `/alerts?${rule.toString()}`;
}

function chipsOf(
  view: View,
  isLive: boolean,
  listName = 'Watchlist',
): { text: string; off: Partial<View> }[] {
  const chips: { text: string; off: Partial<View> }[] = [];
  if (view.query !== '') chips.push({ text: `“${view.query}”`, off: { query: '' } });
  if (view.favouritesOnly) chips.push({ text: 'Favourites', off: { favouritesOnly: false } });
  if (view.list !== null) chips.push({ text: listName, off: { list: null } });
  for (const state of view.states) {
    const off = { states: view.states.filter((it) => it !== state) };
    chips.push({ text: labelState(state, isLive), off });
  }
  for (const quadrant of view.quadrants) {
    const off = { quadrants: view.quadrants.filter((it) => it !== quadrant) };
    chips.push({ text: `${QUADRANT_LABELS[quadrant]} (${view.window})`, off });
  }
  for (const sector of view.sectors) {
    chips.push({ text: sector, off: { sectors: view.sectors.filter((it) => it !== sector) } });
  }
  if (view.direction !== null) {
    chips.push({ text: `OI ${view.direction} (${view.window})`, off: { direction: null } });
  }
  for (const key of BOUND_KEYS) {
    const value = view[key];
    if (value !== null) chips.push({ text: BOUND_WORDS[key].chip(value, view.window), off: { [key]: null } });
  }
  return chips;
}
