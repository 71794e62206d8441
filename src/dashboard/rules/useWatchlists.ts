import { useQuery } from '@tanstack/react-query';
import type { AlertRule, AlertRuleInput } from '../../openInterest/rules/rules.types.ts';
import { watchlistOf } from './ruleDraft.ts';
import { watchlistsQuery } from './rulesApi.ts';

/** Finds the watchlist that a rule names. `null`: it names none, or one that was deleted; `undefined`: not read yet. */
export function useWatchlists() {
  const { data } = useQuery(watchlistsQuery);
  return (rule: Pick<AlertRuleInput, 'symbols'>): AlertRule['watchlist'] | undefined =>
    data && (data.lists.find(({ id }) => id === watchlistOf(rule)) ?? null);
}
