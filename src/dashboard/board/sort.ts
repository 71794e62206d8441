import { CHANGE_INDEX } from './columns.ts';
import type { Line } from './lines.ts';
import { QUADRANTS, quadrantOf, type Window } from './quadrant.ts';
import { canSortBySize } from './urlState.ts';
import { DEFAULT_SORT, type ChangeUnit, type Sort, type SortKey } from './view.ts';

export type SortContext = {
  readonly window: Window;
  readonly unit: ChangeUnit;
  readonly favourites: ReadonlySet<string>;
};

/** Sorted symbols. Unknown values stand last in both directions; equals stand in the order of their names. */
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
  const firstDescending = key !== 'symbol' && key !== 'quad' && key !== 'age';
  if (sort.key !== key || sort.abs !== abs) return { key, abs, descending: firstDescending };
  if (sort.descending === firstDescending) return { ...sort, descending: !firstDescending };
  return DEFAULT_SORT;
}

function sortValue({ symbol, row }: Line, { key, abs }: Sort, context: SortContext): number | string | null {
  if (key === 'symbol') return symbol;
  if (key === 'fav') return context.favourites.has(symbol) ? 1 : 0;
  if (row === null) return null;
  const size = (value: number | null | undefined) =>
    value === null || value === undefined ? null : abs ? Math.abs(value) : value;
  switch (key) {
    case 'mark':
      return row.markPrice;
    case 'oi':
      return row.openInterest;
    case 'usd':
      return row.openInterestUsd;
    case 'd5':
    case 'd15':
    case 'd60':
    case 'd1440':
      return size((context.unit === 'usd' ? row.dUsd : row.d)[CHANGE_INDEX[key]!]);
    case 'fund':
      return size(row.fundingRate);
    case 'vol':
      return row.volume24h;
    case 'ratio':
      return ratioOf(row);
    case 'quad': {
      const quadrant = quadrantOf(row, context.window);
      if (quadrant === null) return null;
      // Groups first; inside a group the larger positions first.
      return QUADRANTS.indexOf(quadrant) - Math.min((row.openInterestUsd ?? 0) / 1e15, 0.999);
    }
    case 'age':
      return -row.ts;
  }
}

/** Open interest in USD over 24 h volume. */
export function ratioOf(row: { openInterestUsd: number | null; volume24h: number | null }): number | null {
  const { openInterestUsd, volume24h } = row;
  return openInterestUsd === null || volume24h === null || volume24h <= 0
    ? null
    : openInterestUsd / volume24h;
}

const collator = new Intl.Collator('en-US', { numeric: true });

function byName(a: string, b: string): number {
  return collator.compare(a, b);
}
