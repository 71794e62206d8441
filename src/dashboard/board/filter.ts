import type { Mode } from '../../openInterest/openInterest.types.ts';
import { stateOfLine, type Line } from './lines.ts';
import { changeIn } from '../../openInterest/board/windows.shared.ts';
import { quadrantOf } from './quadrant.ts';
import { capShareOf } from './marketCap.ts';
import type { ChangeUnit, Filters } from './view.ts';
import type { Window } from './quadrant.ts';

export type FilterContext = {
  readonly now: number;
  readonly mode: Mode;
  readonly window: Window;
  readonly unit: ChangeUnit;
  readonly favourites: ReadonlySet<string>;
};

/** Lines that pass every filter. What is unknown passes no minimum. */
export function filterLines(lines: readonly Line[], filters: Filters, context: FilterContext): Line[] {
  const isFound = matchQuery(lines, filters.query);
  const { states, quadrants, sectors, minUsd, minVolume, minChange, minCap } = filters;
  return lines.filter((line) => {
    const { row, symbol } = line;
    if (!isFound(symbol)) return false;
    if (filters.favouritesOnly && !context.favourites.has(symbol)) return false;
    if (states.length > 0 && !states.includes(stateOfLine(line, context.now, context.mode))) return false;
    if (minUsd !== null && !((row?.openInterestUsd ?? -1) >= minUsd)) return false;
    if (minVolume !== null && !((row?.volume24h ?? -1) >= minVolume)) return false;
    if (minChange !== null && !(changeSize(line, context) >= minChange)) return false;
    if (minCap !== null && !(((row && capShareOf(row)) ?? -1) * 100 >= minCap)) return false;
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
  const text = query.normalize('NFKC').toLocaleUpperCase('en-US').replace(/[/-]/g, '');
  const words = text.split(/[\s,]+/).filter(Boolean);
  const hasAll = (symbol: string): boolean => words.every((it) => symbol.includes(it));
  if (lines.some(({ symbol }) => hasAll(symbol))) return hasAll;
  return (symbol) => words.some((it) => symbol.includes(it));
}

/** In percent; below every minimum when it is unknown. */
function changeSize({ row }: Line, { window, unit }: FilterContext): number {
  const change = row && changeIn(row, unit === 'usd' ? 'dUsd' : 'd', window);
  return change === null || change === undefined ? -1 : Math.abs(change) / 100;
}

/** How many filters are on: what a badge shows. */
export function countFilters(filters: Filters): number {
  const { query, favouritesOnly, states, quadrants, sectors, minUsd, minVolume, minChange, minCap } = filters;
  const flags = [query !== '', favouritesOnly, ...[states, quadrants, sectors].map((it) => it.length > 0)];
  const minimums = [minUsd, minVolume, minChange, minCap].map((it) => it !== null);
  return [...flags, ...minimums].filter(Boolean).length;
}
