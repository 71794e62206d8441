import type { HistoryRange } from '../../openInterest/history/history.types.ts';
import { NO_BOUNDS, type Bounds } from './bounds.ts';
import type { ChangeUnit, ColumnKey } from './columns.ts';
import type { LineState } from './lines.ts';
import type { Quadrant, Window } from './quadrant.ts';

export type Range = HistoryRange;
export const RANGES: readonly Range[] = ['1h', '6h', '24h', '7d', '30d', '1y', 'all'];

export type SortKey = Exclude<ColumnKey, 'spark'>;
export type Sort = { readonly key: SortKey; readonly descending: boolean; readonly abs: boolean };

export const DIRECTIONS = ['up', 'down'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export type Filters = Bounds & {
  readonly query: string;
  readonly favouritesOnly: boolean;
  /** The id of a watchlist. */
  readonly list: string | null;
  readonly states: readonly LineState[];
  readonly quadrants: readonly Quadrant[];
  /** Any of these. */
  readonly sectors: readonly string[];
  /** Of open interest in the chosen window. */
  readonly direction: Direction | null;
};

/** What is looked at: everything that a link can carry. */
export type View = Filters & {
  readonly sort: Sort;
  /** Of the quadrant and of the smallest change. */
  readonly window: Window;
  readonly unit: ChangeUnit;
  /** `null`: what fits the window. */
  readonly columns: readonly ColumnKey[] | null;
  readonly symbol: string | null;
  /** Of the chart, as the viewer chose it. */
  readonly range: Range;
  readonly alert: string | null;
  /** Where `range` does not reach back to the open alert: the shortest that does. */
  readonly alertRange: Range | null;
};

export const DEFAULT_SORT: Sort = { key: 'usd', descending: true, abs: false };

export const NO_FILTERS: Filters = {
  ...NO_BOUNDS,
  query: '',
  favouritesOnly: false,
  list: null,
  states: [],
  quadrants: [],
  sectors: [],
  direction: null,
};

export const DEFAULT_VIEW: View = {
  ...NO_FILTERS,
  sort: DEFAULT_SORT,
  window: '1h',
  unit: 'contracts',
  columns: null,
  symbol: null,
  range: '24h',
  alert: null,
  alertRange: null,
};

/** Of the chart: the viewer's own again as soon as no alert needs a longer one. */
export function shownRange({ range, alert, alertRange }: View): Range {
  return alert === null ? range : (alertRange ?? range);
}

/** Shows a range that the viewer chose. */
export function toRange(range: Range): Partial<View> {
  return { range, alertRange: null };
}

/** Movers: what is worth a look first. Below a million USD a percent is a handful of contracts. */
const MOVERS_SORT: Sort = { key: 'd60', descending: true, abs: true };
export const MOVERS_MIN_USD = 1_000_000;

export function showsMovers({ sort, minUsd }: View): boolean {
  return sort.key === MOVERS_SORT.key && sort.abs && minUsd !== null;
}

/** What shows the movers. The viewer's own minimum stays. */
export function toMovers({ minUsd }: View): Partial<View> {
  return { sort: MOVERS_SORT, minUsd: minUsd ?? MOVERS_MIN_USD };
}

export function fromMovers({ minUsd }: View): Partial<View> {
  return { sort: DEFAULT_SORT, minUsd: minUsd === MOVERS_MIN_USD ? null : minUsd };
}
