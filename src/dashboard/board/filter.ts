import type { HeldRow } from '../../client/sync.types.ts';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import { stateOfLine, type Line } from './lines.ts';
import { BOUND_KEYS, isWithin, openInterestChange, type BoundContext } from './bounds.ts';
import { quadrantOf } from './quadrant.ts';
import type { Direction, Filters } from './view.ts';

export type FilterContext = BoundContext & {
  readonly mode: Mode;
  readonly favourites: ReadonlySet<string>;
  /** The symbols of the chosen watchlist; `undefined`: not known yet. */
  readonly listed: ReadonlySet<string> | undefined;
};

/** Lines that pass every filter. What is unknown passes no minimum. */
export function filterLines(lines: readonly Line[], filters: Filters, context: FilterContext): Line[] {
  const isFound = matchQuery(lines, filters.query);
  const { states, quadrants, sectors, direction } = filters;
  return lines.filter((line) => {
    const { row, symbol } = line;
    if (!isFound(symbol)) return false;
    if (filters.favouritesOnly && !context.favourites.has(symbol)) return false;
    if (filters.list !== null && !context.listed?.has(symbol)) return false;
    if (states.length > 0 && !states.includes(stateOfLine(line, context.now, context.mode))) return false;
    if (!isWithin(row, filters, context)) return false;
    if (direction !== null && directionOf(row, context) !== direction) return false;
    if (sectors.length > 0 && !row?.sectors?.some((it) => sectors.includes(it))) return false;
    if (quadrants.length === 0) return true;
    const quadrant = quadrantOf(row, context.window);
    return quadrant !== null && quadrants.includes(quadrant);
  });
}

/**
 * Symbols that contain every word of the query, or any word if no symbol contains all: `v sol` narrows, `btc eth` lists
 * two. `BTC/USDT` and `btc-usdt` are spellings of `BTCUSDT`.
 */
function matchQuery(lines: readonly Line[], query: string): (symbol: string) => boolean {
  const words = joinPair(query)
    .split(/[\s,]+/)
    .filter(Boolean);
  const hasAll = (symbol: string): boolean => words.every((it) => symbol.includes(it));
  if (lines.some(({ symbol }) => hasAll(symbol))) return hasAll;
  return (symbol) => words.some((it) => symbol.includes(it));
}

/** `btc/usdt`, `BTC-USDT`: `BTCUSDT`. */
export function joinPair(query: string): string {
  return query.normalize('NFKC').toLocaleUpperCase('en-US').replace(/[/-]/g, '');
}

function directionOf(row: HeldRow | null, context: FilterContext): Direction | null {
  const change = row && openInterestChange(row, context);
  return !change ? null : change > 0 ? 'up' : 'down';
}

/** How many filters are on: what a badge shows. */
export function countFilters(filters: Filters): number {
  const { query, favouritesOnly, list, states, quadrants, sectors, direction } = filters;
  const flags = [query !== '', favouritesOnly, ...[states, quadrants, sectors].map((it) => it.length > 0)];
  const limits = [list, direction, ...BOUND_KEYS.map((key) => filters[key])].map((it) => it !== null);
  return [...flags, ...limits].filter(Boolean).length;
}
