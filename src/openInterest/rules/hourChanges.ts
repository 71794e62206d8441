import { HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import { hourOf } from '../history/blocks.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import type { RuleWindow } from './reading.ts';

/** How much earlier than its window a base may be: two intervals of the slowest pace, which is 15 min. */
export const EARLIEST_BASE_MS = 30 * MINUTE_MS;
/** A bound is computed otherwise than a change; the difference of the last bits must not hide a crossing. */
export const ROUNDING = 1e-9;

/** No sample of the hour (epoch ms) has a lesser or a greater change, percent, over the window of a rule. */
export type HourChanges = { hour: number; least: number; greatest: number };

/**
 * What the contracts of each hour, beside those of the hours that their bases lie in, allow. `ranges`: of one symbol, oldest
 * first. Without a base there is no change, so that `least` is greater than `greatest`.
 */
export function boundChanges(window: RuleWindow, ranges: readonly HourRange[]): HourChanges[] {
  const windowMs = WINDOW_MS[window];
  let [first, after] = [0, 0];
  return ranges.map(({ hour, low, high }) => {
    const from = hourOf(hour - windowMs - EARLIEST_BASE_MS);
    while (first < ranges.length && ranges[first]!.hour < from) first += 1;
    while (after < ranges.length && ranges[after]!.hour < hour + HOUR_MS - windowMs) after += 1;
    let [leastBase, greatestBase] = [Infinity, 0];
    for (let i = first; i < after; i += 1) {
      leastBase = Math.min(leastBase, ranges[i]!.low);
      greatestBase = Math.max(greatestBase, ranges[i]!.high);
    }
    // Zeros are no bases.
    if (greatestBase <= 0) return { hour, least: Infinity, greatest: -Infinity };
    return {
      hour,
      least: ((low / greatestBase) * (1 - ROUNDING) - 1) * 100,
      greatest: leastBase <= 0 ? Infinity : ((high / leastBase) * (1 + ROUNDING) - 1) * 100,
    };
  });
}
