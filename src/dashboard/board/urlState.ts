import { BOUND_KEYS, BOUNDS, boundsOf } from './bounds.ts';
import { COLUMN_KEYS, isChange, PINNED, type ColumnKey } from './columns.ts';
import { QUADRANTS, WINDOWS } from './quadrant.ts';
import { DEFAULT_VIEW, DIRECTIONS, RANGES, shownRange, type Sort, type SortKey, type View } from './view.ts';

const STATES = ['live', 'late', 'stale', 'none'] as const;

/** The view as a query string without `?`. Defaults are left out; nothing of the session is in it. */
export function writeView(view: View): string {
  const params = new URLSearchParams();
  const set = (key: string, value: string | number | null | false): void => {
    if (value !== null && value !== false && value !== '') params.set(key, String(value));
  };
  const { sort } = view;
  const isDefaultSort = sort.key === 'usd' && sort.descending && !sort.abs;
  set('q', view.query);
  set('sort', !isDefaultSort && `${sort.descending ? '-' : ''}${sort.key}`);
  set('abs', sort.abs && '1');
  set('fav', view.favouritesOnly && '1');
  set('list', view.list);
  set('state', view.states.join(','));
  set('quad', view.quadrants.join(','));
  set('sector', view.sectors.join(','));
  set('dir', view.direction);
  for (const key of BOUND_KEYS) set(BOUNDS[key].param, view[key]);
  set('win', view.window !== DEFAULT_VIEW.window && view.window);
  set('cols', view.columns?.filter((it) => !PINNED.includes(it)).join(',') ?? null);
  if (view.columns && params.get('cols') === null) params.set('cols', 'none');
  set('unit', view.unit !== DEFAULT_VIEW.unit && view.unit);
  set('s', view.symbol);
  const range = shownRange(view);
  set('range', range !== DEFAULT_VIEW.range && range);
  set('alert', view.alert);
  return params.toString();
}

/** Unknown keys are ignored, and a bad value falls back to the default of its own key. */
export function readView(search: string, defaults: Pick<View, 'unit' | 'window'> = DEFAULT_VIEW): View {
  const params = new URLSearchParams(search);
  return {
    query: (params.get('q') ?? '').slice(0, 64),
    favouritesOnly: params.get('fav') === '1',
    list: readName(params.get('list')),
    states: readList(params.get('state'), STATES),
    quadrants: readList(params.get('quad'), QUADRANTS),
    sectors: readSectors(params.get('sector')),
    direction: readOne(params.get('dir'), DIRECTIONS),
    ...boundsOf((key) => readPositive(params.get(BOUNDS[key].param))),
    sort: readSort(params.get('sort'), params.get('abs') === '1'),
    window: readOne(params.get('win'), WINDOWS) ?? defaults.window,
    columns: readColumns(params.get('cols')),
    unit: readOne(params.get('unit'), ['contracts', 'usd'] as const) ?? defaults.unit,
    symbol: readName(params.get('s')),
    range: readOne(params.get('range'), RANGES) ?? DEFAULT_VIEW.range,
    alert: readName(params.get('alert')),
    alertRange: null,
  };
}

function readSort(text: string | null, abs: boolean): Sort {
  const descending = text?.startsWith('-') ?? false;
  const key = readOne(text?.replace(/^-/, '') ?? null, COLUMN_KEYS);
  if (key === null || key === 'spark') return { ...DEFAULT_VIEW.sort, abs: false };
  return { key, descending, abs: abs && canSortBySize(key) };
}

/** Only values with a sign can be sorted by size. */
export function canSortBySize(key: SortKey): boolean {
  return key === 'fund' || key === 'fund8' || key === 'fundYear' || isChange(key);
}

function readColumns(text: string | null): ColumnKey[] | null {
  if (text === 'none') return [...PINNED];
  const chosen = readList(text, COLUMN_KEYS).filter((it) => !PINNED.includes(it));
  return chosen.length === 0 ? null : [...PINNED, ...chosen];
}

function readList<Value extends string>(text: string | null, allowed: readonly Value[]): Value[] {
  const found = (text ?? '').split(',').map((it) => readOne(it, allowed));
  return [...new Set(found.filter((it) => it !== null))];
}

/** Which there are depends on the board. */
function readSectors(text: string | null): string[] {
  const names = (text ?? '').split(',').filter((it) => it !== '' && it.length <= 32);
  return [...new Set(names)].slice(0, 32);
}

function readOne<Value extends string>(text: string | null, allowed: readonly Value[]): Value | null {
  return allowed.find((it) => it === text) ?? null;
}

function readPositive(text: string | null): number | null {
  if (text === null || !/^\d+(\.\d+)?(e\+?\d+)?$/i.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : null;
}

function readName(text: string | null): string | null {
  return text !== null && /^[\p{L}\p{N}_-]{1,64}$/u.test(text) ? text : null;
}
