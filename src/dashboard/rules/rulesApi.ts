import { QueryClient, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { AlertFiring, AlertRule } from '../../openInterest/rules/rules.types.ts';
import { Watchlists } from '../../openInterest/views/watchlists.types.ts';
import { getJson, sendJson } from '../live/api.ts';

const BASE = '/api/alert-rules';
/** Firings arrive by themselves; this often the page looks for them. */
const REFETCH_MS = 15_000;

const Rules = z.object({ rules: z.array(AlertRule) });
const Firings = z.object({ firings: z.array(AlertFiring), nextBefore: z.string().nullable() });

export const queries = new QueryClient({ defaultOptions: { queries: { retry: 1 } } });

export const listQuery = <List extends z.ZodType>(name: string, path: string, list: List) =>
  queryOptions({
    queryKey: [name],
    queryFn: ({ signal }) => getJson(path, list, signal),
    refetchInterval: REFETCH_MS,
  });

export const rulesQuery = listQuery('rules', BASE, Rules);
export const firingsQuery = listQuery('firings', '/api/alert-firings?limit=50', Firings);

export const watchlistsQuery = queryOptions({
  queryKey: ['watchlists'],
  queryFn: ({ signal }) => getJson('/api/watchlists', Watchlists, signal),
});

/** Creates the rule, or replaces the version of it that was read. Rejects with an ApiError that names faulty fields. */
export function saveRule(before: AlertRule | null, rule: unknown): Promise<AlertRule> {
  const saving =
    before === null
      ? sendJson('POST', BASE, AlertRule, { body: rule })
      : sendJson('PUT', `${BASE}/${before.id}`, AlertRule, { body: rule, ifMatch: `"${before.version}"` });
  return thenReload(saving, 'rules');
}

export function deleteRule(id: string): Promise<null> {
  return thenReload(sendJson('DELETE', `${BASE}/${id}`, z.null()), 'rules');
}

/** Resolves with the answer once the lists that the change concerns have been read again. */
export async function thenReload<Answer>(change: Promise<Answer>, ...lists: string[]): Promise<Answer> {
  const answer = await change;
  await Promise.all(lists.map((name) => queries.invalidateQueries({ queryKey: [name] })));
  return answer;
}
