import type { Mode } from '../../openInterest/openInterest.types.ts';
import { changeIn } from '../../openInterest/board/windows.shared.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { amountOf } from '../board/columnValue.ts';
import { stateOfLine, type Line } from '../board/lines.ts';
import { quadrantOf, type Window } from '../board/quadrant.ts';
import type { ChangeUnit } from '../board/columns.ts';

/** One symbol of the market in the chosen window. `null`: not enough history. */
export type MarketPoint = ReturnType<typeof pointOf>;

/** What a number of symbols are together. Changes are those of the symbols that have one. */
export type Totals = ReturnType<typeof sumPoints>;

export type SectorTotals = Totals & { readonly sector: string; readonly largest: MarketPoint | null };

/** Symbols without a sector at the exchange. */
export const NO_SECTOR = 'Other';

type Context = {
  readonly window: Window;
  readonly unit: ChangeUnit;
  readonly now: number;
  readonly mode: Mode;
};

/** The lines with a current value, largest first: a value that is stale would be counted as of now. */
export function selectPoints(lines: readonly Line[], context: Context): MarketPoint[] {
  const points: MarketPoint[] = [];
  for (const line of lines) {
    const { row } = line;
    const state = stateOfLine(line, context.now, context.mode);
    if (row === null || row.openInterestUsd === null || (state !== 'live' && state !== 'late')) continue;
    points.push(pointOf(row, row.openInterestUsd, context));
  }
  return points.toSorted((a, b) => b.usd - a.usd || (a.symbol < b.symbol ? -1 : 1));
}

function pointOf(row: HeldRow, usd: number, { window, unit }: Context) {
  return {
    symbol: row.symbol,
    sectors: row.sectors?.length ? row.sectors : [NO_SECTOR],
    usd,
    /** Basis points. */
    price: changeIn(row, 'p', window),
    /** Basis points, of the chosen unit. */
    oi: changeIn(row, unit === 'usd' ? 'dUsd' : 'd', window),
    /** Change of open interest in USD. */
    amount: amountOf(row, window),
    quadrant: quadrantOf(row, window),
  };
}

export function sumPoints(points: readonly MarketPoint[]) {
  const known = points.filter((it) => it.amount !== null);
  const amount = known.reduce((sum, it) => sum + it.amount!, 0);
  const before = known.reduce((sum, it) => sum + it.usd, 0) - amount;
  const count = (test: (point: MarketPoint) => boolean): number => points.filter(test).length;
  return {
    symbols: points.length,
    usd: points.reduce((sum, it) => sum + it.usd, 0),
    amount: known.length > 0 ? amount : null,
    /** Of `usd`, basis points. */
    change: known.length > 0 && before > 0 ? (amount / before) * 10_000 : null,
    /** Symbols whose open interest grew, and shrank. */
    up: count((it) => (it.oi ?? 0) > 0),
    down: count((it) => (it.oi ?? 0) < 0),
    priceUp: count((it) => (it.price ?? 0) > 0),
    priceDown: count((it) => (it.price ?? 0) < 0),
  };
}

/** The sectors of the points, the one with the most open interest first. A symbol of two sectors counts in both. */
export function sumSectors(points: readonly MarketPoint[]): SectorTotals[] {
  return Array.from(
    groupBySector(points, (it) => it.sectors),
    ([sector, members]) => ({ sector, ...sumPoints(members), largest: largestMove(members) }),
  ).toSorted((a, b) => b.usd - a.usd || (a.sector < b.sector ? -1 : 1));
}

export function groupBySector(
  points: readonly MarketPoint[],
  sectorsOf: (point: MarketPoint) => readonly string[],
): Map<string, MarketPoint[]> {
  const groups = new Map<string, MarketPoint[]>();
  for (const point of points) {
    for (const sector of sectorsOf(point)) {
      const members = groups.get(sector);
      if (members) members.push(point);
      else groups.set(sector, [point]);
    }
  }
  return groups;
}

function largestMove(points: readonly MarketPoint[]): MarketPoint | null {
  const moved = points.filter((it) => it.amount !== null);
  if (moved.length === 0) return null;
  return moved.reduce((a, b) => (Math.abs(b.amount!) > Math.abs(a.amount!) ? b : a));
}
