import { z } from 'zod';
import {
  execute,
  selectOptionalRow,
  selectRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { AlertRule, AlertRuleInput } from './rules.types.ts';

/** SQL of `alert_rules`. Ids are uuids. */

export const AlertRuleRow = z.object({
  id: z.string(),
  rule: AlertRuleInput,
  version: z.number(),
  createdAt: z.date(),
  updatedAt: z.date(),
});

const ListedRuleRow = AlertRuleRow.extend({
  lastFiredAt: z.date().nullable(),
  watchlist: AlertRule.shape.watchlist,
});

/** A rule that this version cannot read, such as one of a later version, is none: the others must not depend on it. */
const ReadableRuleRow = ListedRuleRow.nullable().catch(null);

/** The list that a row of `alert_rules` names; null: it names none, or the list was deleted. */
export const NAMED_WATCHLIST = `(select list from watchlists, jsonb_array_elements(watchlists.lists) as list
   where watchlists.user_id = alert_rules.user_id and list->>'id' = rule->'symbols'->>'watchlist')`;

const COLUMNS = `id::text as id, rule, version, created_at as "createdAt", updated_at as "updatedAt",
  (select max(fired_at) from alert_firings where rule_id = alert_rules.id) as "lastFiredAt", ${NAMED_WATCHLIST} as watchlist`;

/** The rules of a user, oldest first. */
export async function selectRules(db: Queryable, userId: string): Promise<AlertRule[]> {
  const rows = await selectRows(
    db,
    ReadableRuleRow,
    `select ${COLUMNS} from alert_rules where user_id = $1::text order by created_at, alert_rules.id`,
    [userId],
  );
  return rows.flatMap((row) => (row === null ? [] : [toRule(row)]));
}

export async function selectOptionalRule(
  db: Queryable,
  userId: string,
  id: string,
): Promise<AlertRule | null> {
  const row = await selectOptionalRow(
    db,
    ReadableRuleRow,
    `select ${COLUMNS} from alert_rules where user_id = $1::text and id = $2::uuid`,
    [userId, id],
  );
  return row && toRule(row);
}

/** How many rules a user has; no other transaction adds one until this one ends. */
export async function lockRuleCount(db: Queryable, userId: string): Promise<number> {
  await execute(db, `select pg_advisory_xact_lock(hashtext('alert_rules'), hashtext($1::text))`, [userId]);
  const { count } = await selectRow(
    db,
    z.object({ count: z.number() }),
    `select count(*)::int as count from alert_rules where user_id = $1::text`,
    [userId],
  );
  return count;
}

export async function insertRule(db: Queryable, userId: string, rule: AlertRuleInput): Promise<AlertRule> {
  const row = await selectRow(
    db,
    ListedRuleRow,
    `insert into alert_rules (user_id, rule) values ($1::text, $2::jsonb) returning ${COLUMNS}`,
    [userId, JSON.stringify(rule)],
  );
  return toRule(row);
}

/** `null` unless the stored rule has that version. What it remembered of symbols is forgotten: another rule, another state. */
export async function updateOptionalRule(
  db: Queryable,
  userId: string,
  change: { id: string; version: number; rule: AlertRuleInput },
): Promise<AlertRule | null> {
  const row = await selectOptionalRow(
    db,
    ListedRuleRow,
    `update alert_rules set rule = $4::jsonb, version = version + 1, updated_at = now()
     where user_id = $1::text and id = $2::uuid and version = $3::int
     returning ${COLUMNS}`,
    [userId, change.id, change.version, JSON.stringify(change.rule)],
  );
  if (row === null) return null;
  await execute(db, `delete from alert_rule_states where rule_id = $1::uuid`, [change.id]);
  return toRule(row);
}

/** False: the user has no such rule. */
export async function deleteRule(db: Queryable, userId: string, id: string): Promise<boolean> {
  const sql = `delete from alert_rules where user_id = $1::text and id = $2::uuid`;
  return (await execute(db, sql, [userId, id])) > 0;
}

function toRule({ createdAt, updatedAt, lastFiredAt, ...rest }: z.infer<typeof ListedRuleRow>): AlertRule {
  return {
    ...rest,
    createdAt: createdAt.getTime(),
    updatedAt: updatedAt.getTime(),
    lastFiredAt: lastFiredAt?.getTime() ?? null,
  };
}
