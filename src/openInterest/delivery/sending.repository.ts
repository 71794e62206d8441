import { z } from 'zod';
import { execute, selectColumn, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { ChannelKind } from './channel.types.ts';
import { Firing } from './firing.types.ts';

/**
 * SQL of the sender. A node leases a channel and sends its deliveries; nothing is locked while it waits for a receiver. A
 * node that dies loses its lease, and another one sends the same deliveries with the same ids.
 */

const LeasedChannel = z.object({
  id: z.string(),
  kind: ChannelKind,
  secrets: z.instanceof(Buffer),
  failures: z.number(),
});
export type LeasedChannel = z.infer<typeof LeasedChannel>;

/** Leases at most `limit` channels that have a delivery to send, those first that were served longest ago. */
export function leaseChannels(
  db: Queryable,
  lease: { node: string; leaseMs: number; limit: number },
): Promise<LeasedChannel[]> {
  return selectRows(
    db,
    LeasedChannel,
    `with due as (
       select channel.id from alert_channels as channel
       where channel.off_at is null
         and coalesce(channel.retry_at, '-infinity') <= now()
         and coalesce(channel.leased_until, '-infinity') <= now()
         and exists (select from alert_deliveries as delivery
                     where delivery.channel_id = channel.id and delivery.status = 'waiting'
                       and delivery.next_attempt_at <= now())
       order by channel.leased_until nulls first
       limit $3::int
       for update skip locked)
     update alert_channels as channel
     set leased_by = $1::uuid, leased_until = now() + $2::float8 * interval '1 ms'
     from due where channel.id = due.id
     returning channel.id::text as id, channel.kind, channel.secrets, channel.failures`,
    [lease.node, lease.leaseMs, lease.limit],
  );
}

/** Ends a lease now. `leased_until` stays, as the time of the last service. */
export function endLease(db: Queryable, channelId: string, node: string): Promise<number> {
  return execute(
    db,
    `update alert_channels set leased_by = null, leased_until = now() where id = $1::uuid and leased_by = $2::uuid`,
    [channelId, node],
  );
}

const DueDelivery = z.object({
  id: z.string(),
  attempts: z.number(),
  firing: Firing.omit({ channelIds: true }),
});
export type DueDelivery = z.infer<typeof DueDelivery>;

/** The deliveries of a channel that are due, oldest first. */
export function selectDue(db: Queryable, channelId: string, limit: number): Promise<DueDelivery[]> {
  return selectRows(
    db,
    DueDelivery,
    `select id::text as id, attempts, firing from alert_deliveries
     where channel_id = $1::uuid and status = 'waiting' and next_attempt_at <= now()
     order by next_attempt_at, created_at
     limit $2::int`,
    [channelId, limit],
  );
}

type ReceivedResponse = { status: number; snippet: string } | null;

/**
 * Records a success, and renews the lease of the channel. `pauseMs`: until the receiver may get the next message. False: the
 * lease was lost or the channel was switched off, so the sender has to leave the channel.
 */
export async function recordDelivered(
  db: Queryable,
  sent: {
    ids: readonly string[];
    channelId: string;
    node: string;
    leaseMs: number;
    pauseMs: number;
    response: ReceivedResponse;
  },
): Promise<boolean> {
  // Whatever became of the rows meanwhile: the receiver has the message.
  const renewed = await execute(
    db,
    `with recorded as (
       update alert_deliveries
       set status = 'delivered', attempts = attempts + 1, finished_at = now(), error = null,
         response_status = $5::int, response_text = $6::text
       where id = any($1::uuid[]))
     update alert_channels
     set failures = 0, failing_since = null, last_error = null, leased_until = now() + $4::float8 * interval '1 ms',
       retry_at = case when $7::float8 = 0 then null else now() + $7::float8 * interval '1 ms' end
     where id = $2::uuid and leased_by = $3::uuid and off_at is null`,
    [
      sent.ids,
      sent.channelId,
      sent.node,
      sent.leaseMs,
      sent.response?.status ?? null,
      sent.response?.snippet ?? null,
      sent.pauseMs,
    ],
  );
  return renewed > 0;
}

/**
 * Records a failed attempt: its deliveries wait for `delayMs`, so that a digest stays one, and the channel for `pauseMs`.
 * Answers for how long the channel has been failing, ms; `null` if it was switched off or deleted meanwhile, or has other
 * settings than those that failed.
 */
export async function recordFailure(
  db: Queryable,
  failed: {
    ids: readonly string[];
    delayMs: number;
    channel: Pick<LeasedChannel, 'id' | 'secrets'>;
    pauseMs: number;
    error: string;
    response: ReceivedResponse;
  },
): Promise<number | null> {
  const [failingMs] = await selectColumn(
    db,
    z.number(),
    `with recorded as (
       update alert_deliveries
       set attempts = attempts + 1, next_attempt_at = now() + $2::float8 * interval '1 ms', error = $5::text,
         response_status = $6::int, response_text = $7::text
       where id = any($1::uuid[]) and status = 'waiting')
     update alert_channels
     set failures = failures + 1, failing_since = coalesce(failing_since, now()), last_error = $5::text,
       retry_at = now() + $4::float8 * interval '1 ms'
     where id = $3::uuid and off_at is null and secrets = $8::bytea
     returning (extract(epoch from now() - failing_since) * 1000)::float8`,
    [
      failed.ids,
      failed.delayMs,
      failed.channel.id,
      failed.pauseMs,
      failed.error,
      failed.response?.status ?? null,
      failed.response?.snippet ?? null,
      failed.channel.secrets,
    ],
  );
  return failingMs ?? null;
}

/** Ends the deliveries that have waited for `maxAgeMs`. Answers their number. */
export function failExpired(db: Queryable, maxAgeMs: number, limit: number): Promise<number> {
  return execute(
    db,
    `update alert_deliveries
     set status = 'failed', finished_at = now(), error = coalesce(error, 'the channel had no time for it')
     where id in (
       select id from alert_deliveries
       where status = 'waiting' and created_at < now() - $1::float8 * interval '1 ms' limit $2::int)`,
    [maxAgeMs, limit],
  );
}
