import { AlertRuleInput, withWatched, type PlainRule } from '../../src/openInterest/rules/rules.types.ts';

/** A rule for 5 % in 5 minutes, either way, with the defaults of the route. */
export function aRule(given: Partial<PlainRule> = {}): PlainRule {
  const rule = AlertRuleInput.parse({
    name: 'Large moves',
    window: '5m',
    direction: 'both',
    thresholdPct: 5,
    ...given,
  });
  return withWatched(rule, []);
}
