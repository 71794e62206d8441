import { z } from 'zod';
import {
  epochMs,
  execute,
  selectOptionalRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { Delivery } from './channel.types.ts';
import type { QueuedFiring } from './message.ts';

/** SQL that reads and trims the ledger (`alert_deliveries`), and records tests in it. */

const LedgerEntry = Delivery.extend({
  createdAt: epochMs,
  nextAttemptAt: epochMs.nullable(),
  finishedAt: epochMs.nullable(),
});

/** The columns of `delivery` joined with `channel`. */
const COLUMNS = `delivery.id::text as id, channel.id::text as "channelId", channel.name as "channelName", channel.kind,
  delivery.test, delivery.status, delivery.attempts, delivery.created_at as "createdAt",
  case when delivery.status = 'waiting' then greatest(delivery.next_attempt_at, channel.retry_at) end as "nextAttemptAt",
  delivery.finished_at as "finishedAt",
  delivery.response_status as "responseStatus", delivery.response_text as "responseText", delivery.error, delivery.firing`;

/** With microseconds, which deliveries that were queued one after the other differ by. */
const LedgerRow = LedgerEntry.extend({ createdAtIso: z.string() });
const CREATED_AT_ISO = `to_char(delivery.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

type LedgerQuery = {
  userId: string;
  channelId: string | null;
  status: Delivery['status'] | null;
  firingId: string | null;
  /** Only deliveries older than this one, which may be deleted meanwhile. */
  before: { createdAtIso: string; id: string } | null;
  limit: number;
};

/** Newest first. */
export function selectDeliveries(db: Queryable, query: LedgerQuery): Promise<z.output<typeof LedgerRow>[]> {
  return selectRows(
    db,
    LedgerRow,
    `select ${COLUMNS}, ${CREATED_AT_ISO} as "createdAtIso" from alert_deliveries as delivery
     join alert_channels as channel on channel.id = delivery.channel_id
     where delivery.user_id = $1::text
       and ($2::uuid is null or delivery.channel_id = $2::uuid)
       and ($3::text is null or delivery.status = $3::text)
       and ($4::uuid is null or delivery.firing_id = $4::uuid)
       and ($5::timestamptz is null or (delivery.created_at, delivery.id) < ($5::timestamptz, $6::uuid))
     order by delivery.created_at desc, delivery.id desc
     limit $7::int`,
    [
      query.userId,
      query.channelId,
      query.status,
      query.firingId,
      query.before?.createdAtIso ?? null,
      query.before?.id ?? null,
      query.limit,
    ],
  );
}

/** Records a test, which is sent once, and answers its row; `null`: the channel was deleted meanwhile. */
export function insertOptionalTest(
  db: Queryable,
  test: {
    id: string;
    channelId: string;
    firing: QueuedFiring;
    response: { status: number; snippet: string } | null;
    error: string | null;
  },
): Promise<Delivery | null> {
  return selectOptionalRow(
    db,
    LedgerEntry,
    `with delivery as (
       insert into alert_deliveries (id, channel_id, user_id, firing_id, firing, test, status, attempts, finished_at,
         response_status, response_text, error)
       select $1::uuid, id, user_id, $3::uuid, $4::jsonb, true, case when $7::text is null then 'delivered' else 'failed' end,
         1, now(), $5::int, $6::text, $7::text
       from alert_channels where id = $2::uuid
       returning *)
     select ${COLUMNS} from delivery join alert_channels as channel on channel.id = delivery.channel_id`,
    [
      test.id,
      test.channelId,
      test.firing.id,
      JSON.stringify(test.firing),
      test.response?.status ?? null,
      test.response?.snippet ?? null,
      test.error,
    ],
  );
}

/** Deletes at most `limit` finished deliveries older than `maxAgeMs`. Answers their number. */
export function deleteOldDeliveries(db: Queryable, maxAgeMs: number, limit: number): Promise<number> {
  return execute(
    db,
    `delete from alert_deliveries where id in (
       select id from alert_deliveries
       where created_at < now() - $1::float8 * interval '1 ms' and status <> 'waiting' limit $2::int)`,
    [maxAgeMs, limit],
  );
}
