import type { Mode } from '../../openInterest/openInterest.types.ts';
import { stateOfLine, type Line } from './lines.ts';
import { MOVERS_MIN_USD } from './view.ts';

export type Tiles = ReturnType<typeof computeTiles>;
type Mover = { readonly symbol: string; readonly change: number };

const HOUR = 2;

/** The texts of the tiles. Stale symbols are left out and counted. */
export function computeTiles(lines: readonly Line[], now: number, mode: Mode) {
  let totalUsd = 0;
  let counted = 0;
  let compared = 0;
  let after = 0;
  let before = 0;
  let up: Mover | null = null;
  let down: Mover | null = null;
  for (const line of lines) {
    const { row, symbol } = line;
    const state = stateOfLine(line, now, mode);
    if (row === null || row.openInterestUsd === null || (state !== 'live' && state !== 'late')) continue;
    totalUsd += row.openInterestUsd;
    counted += 1;
    const usdChange = row.dUsd[HOUR];
    if (usdChange !== null && usdChange !== undefined && usdChange > -10_000) {
      compared += 1;
      after += row.openInterestUsd;
      before += row.openInterestUsd / (1 + usdChange / 10_000);
    }
    const change = row.d[HOUR];
    if (change === null || change === undefined || row.openInterestUsd < MOVERS_MIN_USD) continue;
    if (change > 0 && change > (up?.change ?? 0)) up = { symbol, change };
    if (change < 0 && change < (down?.change ?? 0)) down = { symbol, change };
  }
  return {
    /** Sum of USD over live and late symbols; `null` when none of them is known. */
    totalUsd: counted === 0 ? null : totalUsd,
    /** Change of that sum in an hour, basis points, over the symbols whose change is known. */
    totalChange: before > 0 ? ((after - before) / before) * 10_000 : null,
    /** Symbols that change is of. */
    compared,
    /** Symbols the sum is made of. */
    counted,
    total: lines.length,
    up,
    down,
  };
}
