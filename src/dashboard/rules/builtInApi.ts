import { BuiltInRule } from '../../openInterest/rules/builtInRule.types.ts';
import { sendJson } from '../live/api.ts';
import { listQuery, queries, thenReload } from './rulesApi.ts';

const PATH = '/api/built-in-rule';

export const builtInQuery = listQuery('built-in rule', PATH, BuiltInRule);

/** Replaces the version that was read. Rejects with an ApiError that names faulty fields. */
export function saveBuiltIn({ version }: BuiltInRule, rule: BuiltInRule['rule']): Promise<BuiltInRule> {
  const saving = sendJson('PUT', PATH, BuiltInRule, { body: { rule }, ifMatch: `"${version}"` });
  return thenReload(saving, 'built-in rule');
}

/** Replaces it whatever its version is now. */
export async function saveOverBuiltIn(rule: BuiltInRule['rule']): Promise<BuiltInRule> {
  return saveBuiltIn(await queries.fetchQuery({ ...builtInQuery, staleTime: 0 }), rule);
}
