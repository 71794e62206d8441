import { HOUR_MS } from '../../kit/clock.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import type { UsualAt } from '../history/usual.ts';
import { FIRST_STATE, type RuleState } from './evaluateRule.ts';
import type { HourChanges } from './hourChanges.ts';
import { comparedHours, neededHours } from './possibleSpans.ts';
import { mayTurn, turnBoundsIn, type BoundedRule } from './turnBounds.ts';

/**
 * The hours that a replay probably reads, epoch ms, oldest first: those in which the rule may fire, with their whole windows,
 * and those in which it may be armed again once it has probably fired, with their bases. `changes`: of one symbol, oldest
 * first; those before `from` are only compared with.
 */
export function listNeededHours(
  rule: BoundedRule,
  { changes, usualAt, from }: { changes: readonly HourChanges[]; usualAt: UsualAt; from: number },
): number[] {
  const wanted = new Set<number>();
  let state = FIRST_STATE;
  for (const of of changes) {
    const { hour } = of;
    if (hour + HOUR_MS <= from || !mayTurn(of, turnBoundsIn(hour, { rule, state, usualAt }))) continue;
    const { now, bases } = neededHours(rule.window, hour);
    for (const it of state.armed ? [comparedHours(rule.window, hour)] : [now, bases]) {
      for (let next = it?.from ?? 0; next < (it?.to ?? 0); next += HOUR_MS) wanted.add(next);
    }
    state = likelyStateAfter(rule, of);
  }
  return changes.flatMap(({ hour }) => (wanted.has(hour) ? [hour] : []));
}

function likelyStateAfter(rule: BoundedRule, { least, greatest }: HourChanges): RuleState {
  // A change over a shorter window is back within the hour, or the rule may fire in the next one as well.
  if (WINDOW_MS[rule.window] <= HOUR_MS) return FIRST_STATE;
  const rearmPct = rule.thresholdPct * rule.rearmShare;
  const rises = rule.direction !== 'down' && greatest >= rearmPct;
  const falls = rule.direction !== 'up' && least <= -rearmPct;
  if (!rises && !falls) return FIRST_STATE;
  const peakPct = rises && (!falls || greatest >= -least) ? rule.thresholdPct : -rule.thresholdPct;
  return { ...FIRST_STATE, armed: false, peakPct };
}
