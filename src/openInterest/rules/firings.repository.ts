import { z } from 'zod';
import { execute, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { AlertAfters } from '../alerts/after.types.ts';
import { FiringEvidence, FiringWindow } from '../delivery/firing.types.ts';
import type { AlertFiring } from './rules.types.ts';

/** SQL of `alert_firings`. */

export const AlertFiringRow = z.object({
  id: z.string(),
  ruleId: z.string(),
  ruleVersion: z.number(),
  ruleName: z.string(),
  symbol: z.string(),
  changeWindow: FiringWindow,
  direction: z.enum(['up', 'down']),
  firedAt: z.date(),
  quiet: z.boolean(),
  evidence: FiringEvidence,
  after: AlertAfters,
});

const COLUMNS = `id::text as id, rule_id::text as "ruleId", rule_version as "ruleVersion", rule_name as "ruleName", symbol,
  change_window as "changeWindow", direction, fired_at as "firedAt", quiet, evidence, after`;

export type FiringsQuery = {
  userId: string;
  ruleId: string | null;
  symbol: string | null;
  /** Only firings older than this one. */
  before: { firedAt: Date; id: string } | null;
  limit: number;
};

/** The firings of a user, newest first. */
export async function selectFirings(db: Queryable, query: FiringsQuery): Promise<AlertFiring[]> {
  const rows = await selectRows(
    db,
    AlertFiringRow,
    `select ${COLUMNS} from alert_firings
     where user_id = $1::text
       and ($2::uuid is null or rule_id = $2::uuid)
       and ($3::text is null or symbol = $3::text)
       and ($4::timestamptz is null or (fired_at, id) < ($4::timestamptz, $5::uuid))
     order by fired_at desc, alert_firings.id desc
     limit $6::int`,
    [
      query.userId,
      query.ruleId,
      query.symbol,
      query.before?.firedAt ?? null,
      query.before?.id ?? null,
      query.limit,
    ],
  );
  return rows.map(({ changeWindow, firedAt, ...rest }) => ({
    ...rest,
    window: changeWindow,
    firedAt: firedAt.getTime(),
  }));
}

/** Deletes at most `limit`, the oldest first; answers how many. */
export async function deleteFiringsBefore(db: Queryable, before: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from alert_firings where id in (
       select id from alert_firings where fired_at < $1::timestamptz order by fired_at limit $2::int)`,
    [before, limit],
  );
}
