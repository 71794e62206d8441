import { z } from 'zod';
import { execute, selectRows, type Queryable } from '../platform/postgres.ts';
import { CollectorHeartbeat } from './openInterest.types.ts';

/** SQL of `collector_heartbeats`. */

export type StoredHeartbeat = { heartbeat: CollectorHeartbeat; receivedAt: number };

export const HeartbeatRow = z.object({
  collector: z.string(),
  body: CollectorHeartbeat,
  received_at: z.date(),
});

export async function upsertHeartbeat(db: Queryable, heartbeat: CollectorHeartbeat): Promise<void> {
  await execute(
    db,
    `insert into collector_heartbeats (collector, body) values ($1::text, $2::jsonb)
     on conflict (collector) do update set body = excluded.body, received_at = now()`,
    [heartbeat.collector, JSON.stringify(heartbeat)],
  );
}

export async function selectHeartbeats(db: Queryable): Promise<StoredHeartbeat[]> {
  const rows = await selectRows(
    db,
    HeartbeatRow,
    'select collector, body, received_at from collector_heartbeats order by collector',
    [],
  );
  return rows.map((row) => ({ heartbeat: row.body, receivedAt: row.received_at.getTime() }));
}
