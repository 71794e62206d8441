import { z } from 'zod';
import { selectRows, type Queryable } from '../../platform/database/postgres.ts';
import {
  replaceOptionalDocument,
  selectOptionalDocument,
  type DocumentTable,
} from '../views/userDocuments.repository.ts';
import { BuiltInRule, type BuiltInRuleInput } from './builtInRule.types.ts';
import { NAMED_WATCHLIST } from './rules.repository.ts';
import { withWatched } from './rules.types.ts';
import { USER_TIERS } from './userAccess.repository.ts';

/** SQL of `built_in_rules`. */

export const BuiltInRuleRow = BuiltInRule;

const TABLE: DocumentTable<typeof BuiltInRuleRow> = {
  name: 'built_in_rules',
  column: 'rule',
  row: BuiltInRuleRow,
};

const NEVER_SAVED: BuiltInRule = {
  rule: { enabled: false, symbols: 'all', direction: 'both', quietHours: null, channelIds: [] },
  version: 0,
};

export async function selectBuiltInRule(db: Queryable, userId: string): Promise<BuiltInRule> {
  return (await selectOptionalDocument(db, TABLE, userId)) ?? NEVER_SAVED;
}

/** `null` unless the stored rule has that version; 0: none is stored. */
export function replaceOptionalBuiltInRule(
  db: Queryable,
  userId: string,
  { version, input }: { version: number; input: BuiltInRuleInput },
): Promise<BuiltInRule | null> {
  return replaceOptionalDocument(db, TABLE, { userId, version, document: input.rule });
}

/**
 * The enabled rules of all users whose tier has rules, each with the symbols that its watchlist has now, if it names one; what a
 * later version has stored is left out.
 */
export async function selectEnabledBuiltInRules(db: Queryable) {
  const rows = await selectRows(
    db,
    z.object({
      userId: z.string(),
      version: z.number(),
      rule: BuiltInRule.shape.rule.nullable().catch(null),
      watched: z.array(z.string()).nullable(),
    }),
    `select user_id as "userId", version, rule, ${NAMED_WATCHLIST}->'symbols' as watched
     from built_in_rules as alert_rules
     join ${USER_TIERS} as users using (user_id)
     where (rule->>'enabled')::boolean and tier <> 'free'`,
  );
  return rows.flatMap(({ rule, watched, ...rest }) =>
    rule === null ? [] : [{ ...rest, rule: withWatched(rule, watched ?? []) }],
  );
}
