import { AlertRuleInput } from '../../openInterest/rules/rules.types.ts';
import { describePace, describeRule } from './ruleWords.ts';
import { useWatchlists } from './useWatchlists.ts';

/** What the form says, in words; nothing while some of it cannot be read. */
export function RuleSentence({ rule }: { rule: Record<string, unknown> }) {
  const watchlistOf = useWatchlists();
  const read = AlertRuleInput.safeParse(rule);
  if (!read.success) return null;
  return (
    <div className="rule-sentence" data-testid="rule-sentence">
      <p>{describeRule(read.data, watchlistOf(read.data) ?? null)}</p>
      <p className="muted">{describePace(read.data)}</p>
    </div>
  );
}
