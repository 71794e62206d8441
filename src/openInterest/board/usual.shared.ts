import { HOUR_MS } from '../../kit/clock.ts';
import type { UsualChanges } from './usual.types.ts';
import { WINDOW_MS, type Window } from './windows.shared.ts';

/** Standard deviations in a median distance, where changes are spread normally. */
const DEVIATION = 1.4826;
/** Basis points an hour. Smaller distances are those of rounding: a symbol that hardly moves is not unusual at once. */
const LEAST_DISTANCE = 5;
const LEAST_PRICE_DISTANCE = 2;
/** What counts as a move of a symbol without a history. */
const ASSUMED_DISTANCE = 50;
const ASSUMED_PRICE_DISTANCE = 20;

type Known = UsualChanges | null | undefined;

/**
 * How unusual a change of contracts (basis points over `window`) is for the symbol: its robust z-score, to a tenth. The
 * changes of an hour are scaled to the window: their median with the time, their spread with its square root. `null`:
 * unknown.
 */
export function unusualOf(usual: Known, change: number | null, window: Window): number | null {
  if (!usual || change === null) return null;
  const { middle, spread } = scaleTo(usual, window);
  return Math.round(((change - middle) / spread) * 10) / 10 + 0;
}

/**
 * Where changes become as unusual as `least`, in basis points that are not rounded yet: every change of which `unusualOf`
 * says so is at most `low` or at least `high`. `null`: none is.
 */
export function unusualChanges(
  usual: Known,
  least: number,
  window: Window,
): { low: number; high: number } | null {
  if (!usual) return null;
  const { middle, spread } = scaleTo(usual, window);
  // A score is rounded to a tenth, a change to a basis point.
  const distance = spread * (least - 0.05) - 1;
  return { low: middle - distance, high: middle + distance };
}

function scaleTo([median, distance]: UsualChanges, window: Window): { middle: number; spread: number } {
  const hours = WINDOW_MS[window] / HOUR_MS;
  const spread = DEVIATION * Math.max(distance, LEAST_DISTANCE) * Math.sqrt(hours);
  return { middle: median * hours, spread };
}

/**
 * Below these, in basis points over a window of `windowMs`, a change is noise: half of the symbol's changes in its last days
 * were nearer to their median. Noise grows with the square root of the time.
 */
export function deadBandsOf(usual: Known, windowMs: number): { oi: number; price: number } {
  const scale = Math.sqrt(windowMs / HOUR_MS);
  const [, oi, price] = usual ?? [0, ASSUMED_DISTANCE, null];
  return {
    oi: Math.max(oi, LEAST_DISTANCE) * scale,
    price: Math.max(price ?? ASSUMED_PRICE_DISTANCE, LEAST_PRICE_DISTANCE) * scale,
  };
}
