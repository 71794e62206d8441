import { z } from 'zod';
import {
  epochMs,
  execute,
  selectRows,
  selectValue,
  type Queryable,
} from '../../../platform/database/postgres.ts';
import { CollectorHeartbeat } from './heartbeat.types.ts';

/** SQL of `collector_heartbeats`. */

export type StoredHeartbeat = { heartbeat: CollectorHeartbeat; receivedAt: number };

export const HeartbeatRow = z.object({
  collector: z.string(),
  body: CollectorHeartbeat,
  receivedAt: epochMs,
});

/** A body that an earlier version took and this one would not is left out: one collector must not hide the others. */
const AgedHeartbeatRow = HeartbeatRow.extend({
  body: CollectorHeartbeat.nullable().catch(null),
  ageMs: z.number(),
});

/** A key holder may name as many collectors as it likes; those that were silent longest are forgotten. */
export const MAX_COLLECTORS = 32;

/** Answers when it was stored, epoch ms: the time that every reader of it will see. */
export function upsertHeartbeat(db: Queryable, heartbeat: CollectorHeartbeat): Promise<number> {
  return selectValue(
    db,
    epochMs,
    `with crowded_out as (
       delete from collector_heartbeats where collector in (
         select collector from collector_heartbeats where collector <> $1::text
         order by received_at desc offset $3::int - 1
       )
     )
     insert into collector_heartbeats (collector, body) values ($1::text, $2::jsonb)
     on conflict (collector) do update set body = excluded.body, received_at = now()
     returning received_at`,
    [heartbeat.collector, JSON.stringify(heartbeat), MAX_COLLECTORS],
  );
}

/** The last beats, by name of the collector; `ageMs` by the database's clock. */
export async function selectHeartbeats(db: Queryable): Promise<(StoredHeartbeat & { ageMs: number })[]> {
  const rows = await selectRows(
    db,
    AgedHeartbeatRow,
    `select collector, body, received_at as "receivedAt",
       (extract(epoch from clock_timestamp() - received_at) * 1000)::float8 as "ageMs" from (
       select * from collector_heartbeats order by received_at desc limit $1::int
     ) as last order by collector`,
    [MAX_COLLECTORS],
  );
  return rows.flatMap(({ body, receivedAt, ageMs }) =>
    body === null ? [] : [{ heartbeat: body, receivedAt, ageMs }],
  );
}

/** False: there was none of that name. */
export async function deleteHeartbeat(db: Queryable, collector: string): Promise<boolean> {
  const deleted = await execute(db, 'delete from collector_heartbeats where collector = $1::text', [
    collector,
  ]);
  return deleted > 0;
}

/** Forgets collectors that have said nothing since: renamed ones would stay for good. */
export async function deleteHeartbeatsBefore(db: Queryable, before: Date): Promise<number> {
  return execute(db, 'delete from collector_heartbeats where received_at < $1::timestamptz', [before]);
}
