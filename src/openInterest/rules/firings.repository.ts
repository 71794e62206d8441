import { columnsOf, epochMs, execute, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { AlertFiring } from './alertFiring.types.ts';

/** SQL of `alert_firings`. */

export const AlertFiringRow = AlertFiring.extend({ firedAt: epochMs });

const COLUMNS = columnsOf(AlertFiringRow, {
  id: 'id::text',
  ruleId: 'rule_id::text',
  window: 'change_window',
});

type FiringsQuery = {
  userId: string;
  ruleId: string | null;
  symbol: string | null;
  /** Only firings older than this one. */
  before: { ts: Date; id: string } | null;
  limit: number;
};

/** The firings of a user, newest first. */
export function selectFirings(db: Queryable, query: FiringsQuery): Promise<AlertFiring[]> {
  return selectRows(
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
      query.before?.ts ?? null,
      query.before?.id ?? null,
      query.limit,
    ],
  );
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
