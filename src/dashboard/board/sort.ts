import type { HeldRow } from '../../client/sync.types.ts';
import { columnValue } from './columnValue.ts';
import type { Line } from './lines.ts';
import { QUADRANTS, quadrantOf, type Window } from './quadrant.ts';
import { canSortBySize } from './urlState.ts';
import { DEFAULT_SORT, type Sort, type SortKey } from './view.ts';
import type { ChangeUnit } from './columns.ts';

export type SortContext = {
  readonly window: Window;
  readonly unit: ChangeUnit;
  readonly favourites: ReadonlySet<string>;
};

/** Sorted symbols. Unknown values are last in both directions; equal ones are ordered by name. */
export function sortSymbols(lines: readonly Line[], sort: Sort, context: SortContext): string[] {
  const keyed = lines.map((line) => ({ symbol: line.symbol, value: sortValue(line, sort, context) }));
  const direction = sort.descending ? -1 : 1;
  return keyed
    .toSorted((a, b) => {
      if (a.value === null || b.value === null) {
        return Number(a.value === null) - Number(b.value === null) || byName(a.symbol, b.symbol);
      }
      const order =
        typeof a.value === 'string' ? byName(a.value, String(b.value)) : a.value - Number(b.value);
      return order * direction || byName(a.symbol, b.symbol);
    })
    .map((it) => it.symbol);
}

/** Again: reverse; third time: back to the usual order. */
export function nextSort(sort: Sort, key: SortKey, bySize: boolean): Sort {
  const abs = bySize && canSortBySize(key);
  const first = startsDescending(key);
  if (sort.key !== key || sort.abs !== abs) return { key, abs, descending: first };
  if (sort.descending === first) return { ...sort, descending: !first };
  return DEFAULT_SORT;
}

/** Large numbers first; names and groups in their order; the newest sample first. */
export function startsDescending(key: SortKey): boolean {
  return key !== 'symbol' && key !== 'sector' && key !== 'quad' && key !== 'age';
}

function sortValue({ symbol, row }: Line, { key, abs }: Sort, context: SortContext): number | string | null {
  if (key === 'symbol') return symbol;
  if (key === 'fav') return context.favourites.has(symbol) ? 1 : 0;
  if (row === null) return null;
  if (key === 'age') return -row.ts;
  if (key === 'sector') return row.sectors?.join() || null;
  if (key === 'quad') return quadrantRank(row, context.window);
  const value = columnValue(row, key, context.unit);
  return abs && value !== null ? Math.abs(value) : value;
}

/** Groups first; inside a group the larger positions first. */
function quadrantRank(row: HeldRow, window: Window): number | null {
  const quadrant = quadrantOf(row, window);
  if (quadrant === null) return null;
  return QUADRANTS.indexOf(quadrant) - Math.min((row.openInterestUsd ?? 0) / 1e15, 0.999);
}

const collator = new Intl.Collator('en-US', { numeric: true });

function byName(a: string, b: string): number {
  return collator.compare(a, b);
}
