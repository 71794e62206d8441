import { useQuery } from '@tanstack/react-query';
import { AlertRuleInput } from '../../openInterest/rules/rules.types.ts';
import { watchlistOf } from './ruleDraft.ts';
import { watchlistsQuery } from './rulesApi.ts';
import { describePace, describeRule } from './ruleWords.ts';

/** What the form says, in words; nothing while some of it cannot be read. */
export function RuleSentence({ rule }: { rule: Record<string, unknown> }) {
  const { data } = useQuery(watchlistsQuery);
  const read = AlertRuleInput.safeParse(rule);
  if (!read.success) return null;
  const id = watchlistOf(read.data);
  const watchlist = data?.lists.find((it) => it.id === id) ?? null;
  return (
    <div className="rule-sentence" data-testid="rule-sentence">
      <p>{describeRule(read.data, watchlist)}</p>
      <p className="muted">{describePace(read.data)}</p>
    </div>
  );
}
