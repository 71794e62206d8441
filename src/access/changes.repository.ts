import {
  columnsOf,
  epochMs,
  selectOptionalRow,
  selectRow,
  selectRows,
  type Queryable,
} from '../platform/database/postgres.ts';
import { AccessChange, type AccessChangeInput } from './access.types.ts';

export const AccessChangeRow = AccessChange.extend({ changedAt: epochMs });
const COLUMNS = columnsOf(AccessChangeRow);

export type AccessChangesRepository = ReturnType<typeof createAccessChangesRepository>;

/** The SQL of `access_changes`. */
export function createAccessChangesRepository(db: Queryable, write: Queryable) {
  return {
    /** The last `limit` changes, newest first. */
    selectAccessChanges(limit: number): Promise<AccessChange[]> {
      return selectRows(
        db,
        AccessChangeRow,
        `select ${COLUMNS} from access_changes order by changed_at desc limit $1::int`,
        [limit],
      );
    },

    selectOptionalAccessChange(sub: string): Promise<AccessChange | null> {
      return selectOptionalRow(
        db,
        AccessChangeRow,
        `select ${COLUMNS} from access_changes where sub = $1::text`,
        [sub],
      );
    },

    /** The last `limit` changes made at or after `changedAt` (epoch ms), newest first. */
    selectAccessChangesSince(changedAt: number, limit: number): Promise<AccessChange[]> {
      return selectRows(
        db,
        AccessChangeRow,
        `select ${COLUMNS} from access_changes where changed_at >= to_timestamp($1::float8 / 1000)
         order by changed_at desc limit $2::int`,
        [changedAt, limit],
      );
    },

    /**
     * Stores the change as the newest of its subject and returns it with its time. A replacement is later by at least a
     * millisecond, the unit in which nodes compare: every node then agrees which of two simultaneous changes is newer, even
     * after the database's clock was set back.
     */
    upsertAccessChange(input: AccessChangeInput): Promise<AccessChange> {
      const tier = 'tier' in input ? input.tier : null;
      return selectRow(
        write,
        AccessChangeRow,
        `insert into access_changes (sub, tier, revoked, changed_at)
         values ($1::text, $2::text, $3::boolean, date_trunc('milliseconds', clock_timestamp()))
         on conflict (sub) do update set
           tier = excluded.tier,
           revoked = excluded.revoked,
           changed_at = greatest(
             excluded.changed_at,
             access_changes.changed_at + interval '1 millisecond'
           )
         returning ${COLUMNS}`,
        [input.sub, tier, tier === null],
      );
    },
  };
}
