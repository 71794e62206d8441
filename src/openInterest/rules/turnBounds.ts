import { HOUR_MS } from '../../kit/clock.ts';
import { unusualChanges } from '../board/usual.shared.ts';
import type { UsualAt } from '../history/usual.ts';
import type { RuleState } from './evaluateRule.ts';
import type { HourChanges } from './hourChanges.ts';
import type { AlertRuleInput } from './rules.types.ts';

/** A reading may change what a rule remembers if its change, percent, is at least `above`, at most `below`, or within the others. */
export type TurnBounds = { above: number; below: number; moreThan: number; lessThan: number };

type BoundedRule = Pick<
  AlertRuleInput,
  'window' | 'direction' | 'thresholdPct' | 'rearmShare' | 'escalationPct' | 'leastUnusual'
>;

/** Of a reading beyond these `evaluateRule` changes nothing. */
export function turnBoundsOf(rule: BoundedRule, state: RuleState): TurnBounds {
  const { thresholdPct, direction, escalationPct } = rule;
  const rearmPct = thresholdPct * rule.rearmShare;
  if (!state.armed) {
    const peak = state.peakPct ?? 0;
    const nextPct = escalationPct === null ? Infinity : Math.abs(peak) * (1 + escalationPct / 100);
    return peak < 0
      ? { above: Infinity, below: -nextPct, moreThan: -rearmPct, lessThan: Infinity }
      : { above: nextPct, below: -Infinity, moreThan: -Infinity, lessThan: rearmPct };
  }
  const least = state.heldBack ? rearmPct : -Infinity;
  return {
    above: direction === 'down' ? Infinity : thresholdPct,
    below: direction === 'up' ? -Infinity : -thresholdPct,
    moreThan: direction === 'up' ? -Infinity : -least,
    lessThan: direction === 'down' ? Infinity : least,
  };
}

/** The same for the samples of `hour`, epoch ms: a change that is not unusual enough fires nothing. */
export function turnBoundsIn(
  hour: number,
  { rule, state, usualAt }: { rule: BoundedRule; state: RuleState; usualAt: UsualAt },
): TurnBounds {
  const bounds = turnBoundsOf(rule, state);
  if (rule.leastUnusual === null) return bounds;
  let [above, below] = [Infinity, -Infinity];
  // A sample of the hour is live for at most an hour, and what is usual changes once an hour.
  for (const at of [hour, hour + HOUR_MS, hour + 2 * HOUR_MS]) {
    const beyond = unusualChanges(usualAt(at), rule.leastUnusual, rule.window);
    if (beyond === null) continue;
    const [low, high] = [beyond.low / 100, beyond.high / 100];
    above = Math.min(above, bounds.above <= low ? bounds.above : Math.max(bounds.above, high));
    below = Math.max(below, bounds.below >= high ? bounds.below : Math.min(bounds.below, low));
  }
  return { ...bounds, above, below };
}

/** Whether one of these changes may change what the rule remembers. */
export function mayTurn(
  { least, greatest }: HourChanges,
  { above, below, moreThan, lessThan }: TurnBounds,
): boolean {
  return greatest >= above || least <= below || (greatest > moreThan && least < lessThan);
}
