import { HOUR_MS } from '../../kit/clock.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import type { UsualAt } from '../history/usual.ts';
import { FIRST_STATE, needsPrices, type RuleState } from './evaluateRule.ts';
import type { HourChanges } from './hourChanges.ts';
import { comparedHours, neededHours } from './possibleSpans.ts';
import type { AlertRuleInput } from './rules.types.ts';
import { mayTurn, turnBoundsIn } from './turnBounds.ts';

type Rule = Omit<AlertRuleInput, 'symbols'>;

/**
 * The hours that a replay probably reads, epoch ms, oldest first: those in which the rule may fire, with their whole windows,
 * and, once it may have fired, those in which it may fire or be armed again, with their bases. `changes`: of one symbol, oldest
 * first; those before `from` are only compared with.
 */
export function listNeededHours(
  rule: Rule,
  { changes, usualAt, from }: { changes: readonly HourChanges[]; usualAt: UsualAt; from: number },
): number[] {
  const wanted = new Set<number>();
  let states = [FIRST_STATE];
  for (const hourChanges of changes) {
    const { hour } = hourChanges;
    if (hour + HOUR_MS <= from) continue;
    if (!states.some((state) => mayTurn(hourChanges, turnBoundsIn(hour, { rule, state, usualAt })))) continue;
    const { now, bases } = neededHours(rule.window, hour);
    // The whole window of a later firing is mostly that of the hour before.
    const isFirst = states.every((state) => state.armed);
    for (const it of isFirst ? [comparedHours(rule.window, hour)] : [now, bases]) {
      for (let next = it?.from ?? 0; next < (it?.to ?? 0); next += HOUR_MS) wanted.add(next);
    }
    states = likelyStatesAfter(rule, hourChanges);
  }
  return changes.flatMap(({ hour }) => (wanted.has(hour) ? [hour] : []));
}

/** What the rule may remember after an hour in which it may have fired or been armed again. */
function likelyStatesAfter(rule: Rule, { least, greatest }: HourChanges): RuleState[] {
  const { window, thresholdPct, direction } = rule;
  // A change over a shorter window is back within the hour, or the rule may fire in the next one as well.
  if (WINDOW_MS[window] <= HOUR_MS) return [FIRST_STATE];
  const rearmPct = thresholdPct * rule.rearmShare;
  const rises = direction !== 'down' && greatest >= rearmPct;
  const falls = direction !== 'up' && least <= -rearmPct;
  if (!rises && !falls) return [FIRST_STATE];
  const isUp = rises && (!falls || greatest >= -least);
  const fired = { ...FIRST_STATE, armed: false, peakPct: isUp ? thresholdPct : -thresholdPct };
  const isSure = !needsPrices(rule) && (isUp ? least >= thresholdPct : greatest <= -thresholdPct);
  return isSure ? [fired] : [FIRST_STATE, fired];
}
