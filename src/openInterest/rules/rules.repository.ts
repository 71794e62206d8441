import { z } from 'zod';
import {
  columnsOf,
  epochMs,
  execute,
  selectOptionalRow,
  selectRow,
  selectRows,
  selectValue,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { AlertRule, AlertRuleInput } from './rules.types.ts';

/** SQL of `alert_rules`. Ids are uuids. */

export const AlertRuleRow = z.object({
  id: z.string(),
  rule: AlertRuleInput,
  version: z.number(),
  createdAt: epochMs,
  updatedAt: epochMs,
  offReason: z.string().nullable(),
});

const ListedRuleRow = AlertRuleRow.extend({
  lastFiredAt: epochMs.nullable(),
  watchlist: AlertRule.shape.watchlist,
});

/** A rule that this version cannot read, such as one of a later version, is none: the others must not depend on it. */
const ReadableRuleRow = ListedRuleRow.nullable().catch(null);

/** The list that a row of `alert_rules` names; null: it names none, or the list was deleted. */
export const NAMED_WATCHLIST = `(select list from watchlists, jsonb_array_elements(watchlists.lists) as list
   where watchlists.user_id = alert_rules.user_id and list->>'id' = rule->'symbols'->>'watchlist')`;

const COLUMNS = columnsOf(ListedRuleRow, {
  id: 'id::text',
  lastFiredAt: '(select max(fired_at) from alert_firings where rule_id = alert_rules.id)',
  watchlist: NAMED_WATCHLIST,
});

/** The rules of a user, oldest first. */
export async function selectRules(db: Queryable, userId: string): Promise<AlertRule[]> {
  const rows = await selectRows(
    db,
    ReadableRuleRow,
    `select ${COLUMNS} from alert_rules where user_id = $1::text order by created_at, alert_rules.id`,
    [userId],
  );
  return rows.filter((it) => it !== null);
}

export function selectOptionalRule(db: Queryable, userId: string, id: string): Promise<AlertRule | null> {
  return selectOptionalRow(
    db,
    ReadableRuleRow,
    `select ${COLUMNS} from alert_rules where user_id = $1::text and id = $2::uuid`,
    [userId, id],
  );
}

/** How many rules a user has; no other transaction adds one until this one ends. */
export async function lockRuleCount(db: Queryable, userId: string): Promise<number> {
  await execute(db, `select pg_advisory_xact_lock(hashtext('alert_rules'), hashtext($1::text))`, [userId]);
  return selectValue(db, z.number(), `select count(*)::int from alert_rules where user_id = $1::text`, [
    userId,
  ]);
}

export function insertRule(db: Queryable, userId: string, rule: AlertRuleInput): Promise<AlertRule> {
  return selectRow(
    db,
    ListedRuleRow,
    `insert into alert_rules (user_id, rule) values ($1::text, $2::jsonb) returning ${COLUMNS}`,
    [userId, JSON.stringify(rule)],
  );
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
    `update alert_rules set rule = $4::jsonb, version = version + 1, updated_at = now(), off_reason = null
     where user_id = $1::text and id = $2::uuid and version = $3::int
     returning ${COLUMNS}`,
    [userId, change.id, change.version, JSON.stringify(change.rule)],
  );
  if (row) await execute(db, `delete from alert_rule_states where rule_id = $1::uuid`, [change.id]);
  return row;
}

/** Switches rules off, whatever their version, and notes why. */
export async function switchOffRules(db: Queryable, ids: readonly string[], reason: string): Promise<void> {
  if (ids.length === 0) return;
  await execute(
    db,
    `update alert_rules set rule = jsonb_set(rule, '{enabled}', 'false'), version = version + 1, updated_at = now(),
       off_reason = $2::text
     where id = any($1::uuid[])`,
    [ids, reason],
  );
}

/** False: the user has no such rule. */
export async function deleteRule(db: Queryable, userId: string, id: string): Promise<boolean> {
  const sql = `delete from alert_rules where user_id = $1::text and id = $2::uuid`;
  return (await execute(db, sql, [userId, id])) > 0;
}
