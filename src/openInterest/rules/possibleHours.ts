import { HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import type { AlertRuleInput } from './rules.types.ts';

/** How much earlier than its window a base may be: two intervals of the slowest pace, which is 15 min. */
export const EARLIEST_BASE_MS = 30 * MINUTE_MS;
/** A bound is computed otherwise than a change; the difference of the last bits must not hide a crossing. */
export const ROUNDING = 1e-9;

/**
 * The hours in which a rule may fire: those whose contracts, beside those of the hours that their bases lie in, allow a
 * change of the rule's threshold. In every other hour no reading reaches the threshold. `ranges`: of one symbol, oldest
 * first; the hours are epoch ms.
 */
export function listPossibleHours(
  { window, direction, thresholdPct }: Pick<AlertRuleInput, 'window' | 'direction' | 'thresholdPct'>,
  ranges: readonly HourRange[],
): number[] {
  const windowMs = WINDOW_MS[window];
  const least = (thresholdPct / 100) * (1 - ROUNDING);
  let [first, after] = [0, 0];
  return ranges.flatMap(({ hour, low, high }) => {
    const from = Math.floor((hour - windowMs - EARLIEST_BASE_MS) / HOUR_MS) * HOUR_MS;
    while (first < ranges.length && ranges[first]!.hour < from) first += 1;
    while (after < ranges.length && ranges[after]!.hour < hour + HOUR_MS - windowMs) after += 1;
    const bases = ranges.slice(first, after);
    const isPossible = bases.some(
      (base) =>
        (direction !== 'down' && high - base.low >= base.low * least) ||
        (direction !== 'up' && base.high - low >= base.high * least),
    );
    return isPossible ? [hour] : [];
  });
}
