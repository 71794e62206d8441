import { z } from 'zod';
import { execute, selectColumn, selectRow, type Queryable } from '../../platform/database/postgres.ts';

/** SQL of the lease of the evaluating node (`alert_evaluator`). Times are the database's. */

/** A node that has not renewed its lease for as long has lost it. */
const LEASE = `interval '10 seconds'`;

/** What the evaluating node reports of itself; `…Ago` in ms. */
export type EvaluatorReport = {
  node: string;
  /** Its last window; `null`: none yet. */
  evaluatedAgo: number | null;
  /** `null`: the last run succeeded. */
  failure: { sinceAgo: number; error: string } | null;
  /** Rows that could not be kept until their evaluation. */
  leftOut: { rows: number; lastAgo: number | null };
};

/**
 * Takes or renews the lease. `taken`: another node, or none, had it before, so that what this node remembers may be old.
 * `null`: another node has it.
 */
export async function takeLease(db: Queryable, report: EvaluatorReport): Promise<'taken' | 'renewed' | null> {
  const ago = (n: number) => `clock_timestamp() - $${n}::float8 * interval '1 ms'`;
  const [outcome] = await selectColumn(
    db,
    z.enum(['taken', 'renewed']),
    `with before as (select node from alert_evaluator)
     insert into alert_evaluator as held (node, renewed_at, evaluated_at, failing_since, last_error, left_out, left_out_at)
     values ($1::text, clock_timestamp(), ${ago(2)}, ${ago(3)}, $4::text, $5::bigint, ${ago(6)})
     on conflict (only_row) do update set node = excluded.node, renewed_at = excluded.renewed_at,
       evaluated_at = coalesce(excluded.evaluated_at, held.evaluated_at), failing_since = excluded.failing_since,
       last_error = excluded.last_error, left_out = excluded.left_out, left_out_at = excluded.left_out_at
     where held.node = excluded.node or held.renewed_at < clock_timestamp() - ${LEASE}
     returning case when node = (select node from before) then 'renewed' else 'taken' end`,
    [
      report.node,
      report.evaluatedAgo,
      report.failure?.sinceAgo ?? null,
      report.failure?.error ?? null,
      report.leftOut.rows,
      report.leftOut.lastAgo,
    ],
  );
  return outcome ?? null;
}

/** Ends the lease of `node`, so that another one need not wait. */
export async function releaseLease(db: Queryable, node: string): Promise<void> {
  await execute(db, `delete from alert_evaluator where node = $1::text`, [node]);
}

/** False: another node has the lease. No node takes it over until this transaction ends. */
export async function lockLease(db: Queryable, node: string): Promise<boolean> {
  const sql = `select node from alert_evaluator where node = $1::text for share`;
  return (await selectColumn(db, z.string(), sql, [node])).length > 0;
}

const Ago = z.number().nullable();
const StateRow = z.object({
  enabled: z.number(),
  total: z.number(),
  node: z.string().nullable(),
  renewedAgo: Ago,
  evaluatedAgo: Ago,
  failingAgo: Ago,
  lastError: z.string().nullable(),
  leftOut: z.number(),
  leftOutAgo: Ago,
});

/** The rules of all users and the node that evaluates them. `…Ago` in ms; `node` is `null`: none has the lease. */
export type EvaluatorState = z.infer<typeof StateRow>;

export function selectEvaluatorState(db: Queryable): Promise<EvaluatorState> {
  const ago = (column: string) => `(extract(epoch from clock_timestamp() - ${column}) * 1000)::float8`;
  return selectRow(
    db,
    StateRow,
    `select count(*) filter (where (rule->>'enabled')::boolean)::int as enabled, count(alert_rules.id)::int as total,
       node, ${ago('renewed_at')} as "renewedAgo", ${ago('evaluated_at')} as "evaluatedAgo",
       ${ago('failing_since')} as "failingAgo", last_error as "lastError", coalesce(left_out, 0)::float8 as "leftOut",
       ${ago('left_out_at')} as "leftOutAgo"
     from (select 1) as always left join alert_evaluator on true left join alert_rules on true
     group by node, renewed_at, evaluated_at, failing_since, last_error, left_out, left_out_at`,
  );
}
