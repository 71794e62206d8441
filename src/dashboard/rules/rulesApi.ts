import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { AlertFiring } from '../../openInterest/rules/alertFiring.types.ts';
import { AlertRule } from '../../openInterest/rules/rules.types.ts';
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

/** A list that is read page by page, the newest first. All pages that are shown are read again. */
export const pagesQuery = <Page extends z.ZodType<{ nextBefore: string | null }>>(
  name: string,
  path: string,
  page: Page,
) =>
  infiniteQueryOptions({
    queryKey: [name],
    queryFn({ signal, pageParam }) {
      const query = new URLSearchParams(
        // Who asks for more looks for something: as much as the server gives at once.
        pageParam === null ? { limit: '50' } : { limit: '200', before: pageParam },
      );
      return getJson(`${path}?${query.toString()}`, page, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextBefore,
    // As many requests a minute for a long list as for a short one.
    refetchInterval: ({ state }) => REFETCH_MS * (state.data?.pages.length ?? 1),
  });

export const rulesQuery = listQuery('rules', BASE, Rules);
export const firingsQuery = pagesQuery('firings', '/api/alert-firings', Firings);

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

/** Replaces the rule whatever its version is now; one that was deleted is created again. */
export async function saveOverRule(id: string, rule: unknown): Promise<AlertRule> {
  const { rules } = await queries.fetchQuery({ ...rulesQuery, staleTime: 0 });
  return saveRule(rules.find((it) => it.id === id) ?? null, rule);
}

export function deleteRule(id: string): Promise<null> {
  return thenReload(sendJson('DELETE', `${BASE}/${id}`, z.null()), 'rules');
}

/**
 * Resolves once the lists that the change concerns have been read again. They are read after a refusal as well, as what the
 * change was based on may be outdated.
 */
export async function thenReload<Answer>(change: Promise<Answer>, ...lists: string[]): Promise<Answer> {
  const reload = () => Promise.all(lists.map((name) => queries.invalidateQueries({ queryKey: [name] })));
  try {
    await change;
  } catch (thrown) {
    void reload();
    throw thrown;
  }
  await reload();
  return change;
}
