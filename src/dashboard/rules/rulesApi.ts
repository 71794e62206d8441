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

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: ({ signal }) => getJson(BASE, Rules, signal),
  refetchInterval: REFETCH_MS,
});

export const firingsQuery = queryOptions({
  queryKey: ['firings'],
  queryFn: ({ signal }) => getJson('/api/alert-firings?limit=50', Firings, signal),
  refetchInterval: REFETCH_MS,
});

export const watchlistsQuery = queryOptions({
  queryKey: ['watchlists'],
  queryFn: ({ signal }) => getJson('/api/watchlists', Watchlists, signal),
});

/** Creates the rule, or replaces the version of it that was read. Rejects with an ApiError that names faulty fields. */
export async function saveRule(before: AlertRule | null, rule: unknown): Promise<AlertRule> {
  const saved =
    before === null
      ? await sendJson('POST', BASE, AlertRule, { body: rule })
      : await sendJson('PUT', `${BASE}/${before.id}`, AlertRule, {
          body: rule,
          ifMatch: `"${before.version}"`,
        });
  await queries.invalidateQueries({ queryKey: ['rules'] });
  return saved;
}

export async function deleteRule(id: string): Promise<void> {
  await sendJson('DELETE', `${BASE}/${id}`, z.null());
  await queries.invalidateQueries({ queryKey: ['rules'] });
}
