import { z } from 'zod';
import {
  columnsOf,
  epochMs,
  execute,
  selectColumn,
  selectRows,
  selectValue,
  type Queryable,
} from '../../platform/database/postgres.ts';
import type { Firing } from '../delivery/firing.types.ts';
import type { RuleWindow } from './reading.ts';
import type { MethodChange } from './methodGuard.ts';
import type { HeldRule, HeldState } from './ruleBook.ts';
import { NAMED_WATCHLIST } from './rules.repository.ts';
import { AlertRuleInput, RULES_BY_TIER, StoredMethodChange, withWatched } from './rules.types.ts';
import { USER_TIERS } from './userAccess.repository.ts';

/** SQL of the evaluating node: the rules and states that it holds, and what it stores of a firing. */

/**
 * Changes whenever a rule, a watchlist of a user with rules, or the tier of a user changes. Sums, as a transaction may commit
 * after one with a later time.
 */
export function selectRulesRevision(db: Queryable): Promise<string> {
  return selectValue(
    db,
    z.string(),
    `select concat_ws(' ', count(*), coalesce(sum(version), 0), sum(extract(epoch from updated_at)),
       (select concat_ws(' ', sum(version), sum(extract(epoch from updated_at))) from watchlists
        where user_id in (select user_id from alert_rules)),
       (select md5(string_agg(user_id || ' ' || tier, ',' order by user_id)) from ${USER_TIERS} as users)) from alert_rules`,
  );
}

/**
 * The enabled rules, of each user the oldest that the tier allows: the others rest. `unreadable`: the ids of those that are
 * left out.
 */
export async function selectHeldRules(db: Queryable): Promise<{ rules: HeldRule[]; unreadable: string[] }> {
  const rows = await selectRows(
    db,
    z.object({
      id: z.string(),
      userId: z.string(),
      version: z.number(),
      // A later version may have stored what this one does not know; such a rule must not stop all others.
      rule: AlertRuleInput.nullable().catch(null),
      watched: z.array(z.string()).nullable(),
    }),
    `select id::text as id, user_id as "userId", version, rule, ${NAMED_WATCHLIST}->'symbols' as watched
     from (
       select alert_rules.*, row_number() over (partition by user_id order by created_at, id) as place from alert_rules
       where (rule->>'enabled')::boolean) as alert_rules
     join ${USER_TIERS} as users using (user_id)
     where place <= ($1::jsonb->>tier)::int`,
    [JSON.stringify(RULES_BY_TIER)],
  );
  return {
    rules: rows.flatMap(({ rule, watched, ...rest }) =>
      rule === null ? [] : [{ ...rest, rule: withWatched(rule, watched ?? []) }],
    ),
    unreadable: rows.filter((it) => it.rule === null).map((it) => it.id),
  };
}

export const RuleStateRow = z.object({
  ruleId: z.string(),
  symbol: z.string(),
  armed: z.boolean(),
  heldBack: z.boolean(),
  peakPct: z.number().nullable(),
  lastFiredAt: epochMs.nullable(),
});

/** What these rules remember. */
export async function selectHeldStates(db: Queryable, ruleIds: readonly string[]): Promise<HeldState[]> {
  const rows = await selectRows(
    db,
    RuleStateRow,
    `select ${columnsOf(RuleStateRow, { ruleId: 'rule_id::text' })} from alert_rule_states
     where rule_id = any($1::uuid[])`,
    [ruleIds],
  );
  return rows.map(({ ruleId, symbol, ...state }) => ({ ruleId, symbol, state }));
}

/** `sendAt`: when its quiet hours end; `null`: now. */
export type NewFiring = Firing & { window: RuleWindow; quiet: boolean; sendAt: number | null };

/**
 * Stores firings of rules that have not changed since; answers the ids of those that are new. A rule fires once for a sample.
 */
export async function insertFirings(db: Queryable, firings: readonly NewFiring[]): Promise<Set<string>> {
  if (firings.length === 0) return new Set();
  const ids = await selectColumn(
    db,
    z.string(),
    `insert into alert_firings (id, user_id, rule_id, rule_version, rule_name, symbol, change_window, direction,
       fired_at, quiet, evidence)
     select given.id, given."userId", given."ruleId", given."ruleVersion", given."ruleName", given.symbol,
       given."window", given.direction, to_timestamp(given."firedAt" / 1000), given.quiet, given.evidence
     from jsonb_to_recordset($1::jsonb) as given(id uuid, "userId" text, "ruleId" uuid, "ruleVersion" int,
       "ruleName" text, symbol text, "window" text, direction text, "firedAt" float8, quiet boolean, evidence jsonb)
     join alert_rules on alert_rules.id = given."ruleId" and alert_rules.version = given."ruleVersion"
     on conflict (rule_id, symbol, fired_at) do nothing
     returning id::text`,
    [JSON.stringify(firings)],
  );
  return new Set(ids);
}

/**
 * Stores what rules remember; of a rule and symbol at most one. States of rules that have changed since are left out; a change
 * that is not committed yet is waited for, or it would leave behind what the rule remembered before.
 */
export async function upsertStates(
  db: Queryable,
  states: readonly (HeldState & { version: number })[],
): Promise<void> {
  if (states.length === 0) return;
  await execute(
    db,
    `insert into alert_rule_states (rule_id, symbol, armed, held_back, peak_pct, last_fired_at)
     select given."ruleId", given.symbol, given.armed, given."heldBack", given."peakPct",
       to_timestamp(given."lastFiredAt" / 1000)
     from jsonb_to_recordset($1::jsonb) as given("ruleId" uuid, version int, symbol text, armed boolean,
       "heldBack" boolean, "peakPct" float8, "lastFiredAt" float8)
     join alert_rules on alert_rules.id = given."ruleId" and alert_rules.version = given.version
     for share of alert_rules
     on conflict (rule_id, symbol) do update set armed = excluded.armed, held_back = excluded.held_back,
       peak_pct = excluded.peak_pct, last_fired_at = excluded.last_fired_at`,
    [JSON.stringify(states.map(({ state, ...rest }) => ({ ...rest, ...state })))],
  );
}

/**
 * Deletes at most `limit` states that mean no more than none: the rule is armed, or its symbol has left, and it fired before
 * `before`, which is longer ago than any cooldown. Otherwise they would grow, and be read whole at each change of a rule.
 */
export async function deleteIdleStates(db: Queryable, before: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from alert_rule_states where ctid = any(array(
       select ctid from alert_rule_states
       where last_fired_at < $1::timestamptz
         and ((armed and not held_back) or symbol not in (select symbol from open_interest_latest))
       limit $2::int
     ))`,
    [before, limit],
  );
}

/** Stores a change once, although every node detects it, and one whose run fails evaluates it again. */
export async function insertMethodChange(db: Queryable, change: MethodChange): Promise<void> {
  await execute(
    db,
    `insert into alert_method_changes (factor, symbols, of_symbols, detected_at, valid_from)
     select $1::float8, $2::int, $3::int, $4::timestamptz, $5::timestamptz
     where not exists (
       select from alert_method_changes
       where factor = $1::float8 and valid_from > $4::timestamptz
     )`,
    [
      change.factor,
      change.symbols,
      change.ofSymbols,
      new Date(change.detectedAt),
      new Date(change.validFrom),
    ],
  );
}

export const MethodChangeRow = StoredMethodChange.extend({
  detectedAt: epochMs,
  validFrom: epochMs,
  confirmedAt: epochMs.nullable(),
});
const METHOD_COLUMNS = columnsOf(MethodChangeRow);

/** Oldest first. */
export function selectMethodChanges(db: Queryable): Promise<StoredMethodChange[]> {
  return selectRows(
    db,
    MethodChangeRow,
    `select ${METHOD_COLUMNS} from alert_method_changes order by detected_at, id`,
  );
}

/** Confirms the changes that wait for it, and answers them. */
export function confirmMethodChanges(db: Queryable, at: number): Promise<StoredMethodChange[]> {
  return selectRows(
    db,
    MethodChangeRow,
    `update alert_method_changes set confirmed_at = $1::timestamptz where confirmed_at is null
     returning ${METHOD_COLUMNS}`,
    [new Date(at)],
  );
}
