import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Board } from './board.ts';
import type { DayTotal } from './dayTotal.types.ts';
import { HALF_HOUR_MS } from './halfHours.ts';
import type { Series } from './series.ts';

const HALF_HOURS = 48;
/** A half hour is summed up if the symbols known in it have this part of the open interest of now. */
const LEAST_KNOWN = 0.95;
const COMPUTE_EVERY_MS = MINUTE_MS;

type Values = { readonly weight: number; readonly usd: readonly (number | null)[] };

/**
 * The sum of the same symbols in each half hour of the last day: one that was listed or lost in between would look like a
 * move of the market.
 */
export function computeDayTotal(
  { entries, seriesOf }: Pick<Board, 'entries' | 'seriesOf'>,
  now: number,
): DayTotal {
  const from = (Math.floor(now / HALF_HOUR_MS) - HALF_HOURS + 1) * HALF_HOUR_MS;
  const starts = Array.from({ length: HALF_HOURS }, (_, i) => from + i * HALF_HOUR_MS);
  const symbols = Array.from(entries(), ({ row: { symbol, openInterestUsd } }): Values => {
    const series = seriesOf(symbol);
    return {
      weight: openInterestUsd ?? 0,
      usd: starts.map((start) => (series ? lastUsd(series, start) : null)),
    };
  });
  const all = symbols.reduce((sum, it) => sum + it.weight, 0);
  const isKnown = starts.map((_, i) => {
    const known = symbols.reduce((sum, { weight, usd }) => sum + (usd[i] === null ? 0 : weight), 0);
    return all > 0 && known >= LEAST_KNOWN * all;
  });
  const summed = symbols.filter(({ usd }) => usd.every((value, i) => value !== null || !isKnown[i]));
  return {
    from,
    everySec: HALF_HOUR_MS / SECOND_MS,
    symbols: summed.length,
    usd: starts.map((_, i) => (isKnown[i] ? summed.reduce((sum, { usd }) => sum + (usd[i] ?? 0), 0) : null)),
  };
}

/** The symbol's last value in the half hour that begins at `start`. */
function lastUsd(series: Series, start: number): number | null {
  const point = series.atOrBefore(start + HALF_HOUR_MS - 1);
  return point !== undefined && point.ts >= start ? point.openInterestUsd : null;
}

/** The day's total, computed once a minute for all who ask. */
export function createDayTotal(board: Board, clock: Clock): () => DayTotal {
  let total: DayTotal | null = null;
  let computedAt = -Infinity;
  return () => {
    const now = clock.now();
    // The clock may have been set back.
    if (total === null || Math.abs(now - computedAt) >= COMPUTE_EVERY_MS) {
      total = computeDayTotal(board, now);
      computedAt = now;
    }
    return total;
  };
}
