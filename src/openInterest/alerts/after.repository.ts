import { z } from 'zod';
import { execute, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { AFTER_MINUTES, type AlertAfter } from './after.types.ts';

/** SQL of what followed alerts: of the built-in ones and of those that rules fired. */

const TABLES = {
  alerts: { name: 'open_interest_alerts', id: 'bigint', time: 'ts' },
  firings: { name: 'alert_firings', id: 'uuid', time: 'fired_at' },
} as const;
export type AfterTable = keyof typeof TABLES;

const DueAfterRow = z.object({ id: z.string(), symbol: z.string(), at: z.date(), known: z.number() });
/** An alert whose next look is due; `known`: how many are stored. */
export type DueAfter = Omit<z.infer<typeof DueAfterRow>, 'at'> & { at: number };

const STEPS = `array[${AFTER_MINUTES.join(', ')}]`;

/** Oldest first. `now`, `from`: epoch ms; alerts of before `from` are left as they are. */
export async function selectDueAfter(
  db: Queryable,
  table: AfterTable,
  { now, from, limit }: { now: number; from: number; limit: number },
): Promise<DueAfter[]> {
  const { name, time } = TABLES[table];
  const rows = await selectRows(
    db,
    DueAfterRow,
    `select id::text as id, symbol, ${time} as at, jsonb_array_length(after) as known from ${name}
     where jsonb_array_length(after) < ${AFTER_MINUTES.length} and ${time} > $1::timestamptz
       and ${time} + (${STEPS})[jsonb_array_length(after) + 1] * interval '1 minute' <= $2::timestamptz
     order by ${time}
     limit $3::int`,
    [new Date(from), new Date(now), limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}

/** Adds what was measured to the `known` entries, unless another node has added it. */
export async function appendAfter(
  db: Queryable,
  table: AfterTable,
  measured: readonly { id: string; known: number; after: readonly AlertAfter[] }[],
): Promise<void> {
  if (measured.length === 0) return;
  const { name, id } = TABLES[table];
  await execute(
    db,
    `update ${name} as kept set after = kept.after || given.after
     from jsonb_to_recordset($1::jsonb) as given(id ${id}, known int, after jsonb)
     where kept.id = given.id and jsonb_array_length(kept.after) = given.known`,
    [JSON.stringify(measured)],
  );
}
