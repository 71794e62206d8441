import { z } from 'zod';
import {
  columnsOf,
  epochMs,
  execute,
  selectOptionalRow,
  selectRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { Channel, type ChannelKind } from './channel.types.ts';

/** SQL of `alert_channels` as their owners change them. */

export const ChannelRow = Channel.omit({ on: true }).extend({
  secrets: z.instanceof(Buffer),
  offAt: z.date().nullable(),
  failingSince: epochMs.nullable(),
  retryAt: epochMs.nullable(),
  createdAt: epochMs,
  updatedAt: epochMs,
});
export type ChannelRow = z.infer<typeof ChannelRow>;

const COLUMNS = columnsOf(ChannelRow, { id: 'id::text' });

export function selectChannels(db: Queryable, userId: string): Promise<ChannelRow[]> {
  return selectRows(
    db,
    ChannelRow,
    `select ${COLUMNS} from alert_channels where user_id = $1::text order by created_at, id`,
    [userId],
  );
}

/** `null` if the user has no such channel. */
export function selectOptionalChannel(db: Queryable, userId: string, id: string): Promise<ChannelRow | null> {
  return selectOptionalRow(
    db,
    ChannelRow,
    `select ${COLUMNS} from alert_channels where user_id = $1::text and id = $2::uuid`,
    [userId, id],
  );
}

/** What a user sets. */
type SealedSettings = { receiver: string; hint: string; secrets: Buffer };

/** `null` if the user has `limit` channels already. Serialized per user, so that two requests do not both get the last one. */
export async function insertOptionalChannel(
  db: Queryable,
  channel: SealedSettings & { id: string; userId: string; name: string; kind: ChannelKind },
  limit: number,
): Promise<ChannelRow | null> {
  await execute(db, `select pg_advisory_xact_lock(hashtextextended('alert_channels ' || $1::text, 0))`, [
    channel.userId,
  ]);
  return selectOptionalRow(
    db,
    ChannelRow,
    `insert into alert_channels (id, user_id, name, kind, receiver, hint, secrets)
     select $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::bytea
     where (select count(*) from alert_channels where user_id = $2::text) < $8::int
     returning ${COLUMNS}`,
    [
      channel.id,
      channel.userId,
      channel.name,
      channel.kind,
      channel.receiver,
      channel.hint,
      channel.secrets,
      limit,
    ],
  );
}

export function updateChannelName(db: Queryable, id: string, name: string): Promise<number> {
  return execute(db, `update alert_channels set name = $2::text, updated_at = now() where id = $1::uuid`, [
    id,
    name,
  ]);
}

/** Failures were those of the previous settings. 0: the secrets are no longer those that were `read`, if any are given. */
export function updateChannelSettings(
  db: Queryable,
  id: string,
  settings: SealedSettings,
  read: Buffer | null = null,
): Promise<number> {
  return execute(
    db,
    `update alert_channels set receiver = $2::text, hint = $3::text, secrets = $4::bytea, updated_at = now(),
       failures = 0, failing_since = null, last_error = null, retry_at = null
     where id = $1::uuid and ($5::bytea is null or secrets = $5::bytea)`,
    [id, settings.receiver, settings.hint, settings.secrets, read],
  );
}

/** Ends the pause of a channel that is on. */
export function endPause(db: Queryable, id: string): Promise<number> {
  return execute(
    db,
    `update alert_channels set failures = 0, failing_since = null, last_error = null, retry_at = null
     where id = $1::uuid and off_at is null`,
    [id],
  );
}

/** Switches a channel on and ends its pause. */
export function switchOn(db: Queryable, id: string): Promise<number> {
  return execute(
    db,
    `update alert_channels set off_at = null, off_reason = null, failures = 0, failing_since = null, last_error = null,
       retry_at = null, updated_at = now()
     where id = $1::uuid`,
    [id],
  );
}

/** Switches a channel off and cancels what waits for it. Run it in a transaction. */
export async function switchOff(db: Queryable, id: string, reason: string): Promise<void> {
  await execute(
    db,
    `update alert_channels set off_at = now(), off_reason = $2::text, updated_at = now()
     where id = $1::uuid and off_at is null`,
    [id, reason],
  );
  await execute(
    db,
    `update alert_deliveries set status = 'cancelled', finished_at = now(), error = $2::text
     where channel_id = $1::uuid and status = 'waiting'`,
    [id, `the channel was switched off: ${reason}`],
  );
}

/** Deletes a channel with its ledger. */
export function deleteChannel(db: Queryable, userId: string, id: string): Promise<number> {
  return execute(db, 'delete from alert_channels where user_id = $1::text and id = $2::uuid', [userId, id]);
}

const StoredSecret = z.object({ id: z.string(), secrets: z.instanceof(Buffer) });

/** The encrypted secrets of `limit` channels after the id `after`, in order of id. */
export function selectSecretsAfter(db: Queryable, after: string | null, limit: number) {
  return selectRows(
    db,
    StoredSecret,
    `select id::text as id, secrets from alert_channels
     where $1::uuid is null or alert_channels.id > $1::uuid order by alert_channels.id limit $2::int`,
    [after, limit],
  );
}

/** Replaces a box by one of another key, unless it was changed since it was read. */
export function replaceSecrets(db: Queryable, id: string, from: Buffer, to: Buffer): Promise<number> {
  return execute(
    db,
    'update alert_channels set secrets = $3::bytea where id = $1::uuid and secrets = $2::bytea',
    [id, from, to],
  );
}

/** What doctor and metrics report, of all users. */
const TotalsRow = z.object({
  waiting: z.number(),
  /** Of the oldest delivery that waits, ms; `null`: none waits. */
  oldestWaitingMs: z.number().nullable(),
  channels: z.number(),
  failingChannels: z.number(),
  /** Switched off by the sender. */
  offChannels: z.number(),
});
export type DeliveryTotals = z.infer<typeof TotalsRow>;

export const SWITCHED_OFF_BY_USER = 'switched off by the user';

export function deliveryTotals(db: Queryable): Promise<DeliveryTotals> {
  return selectRow(
    db,
    TotalsRow,
    `select waiting::int as waiting, (extract(epoch from now() - oldest) * 1000)::float8 as "oldestWaitingMs",
       channels.*
     from (select count(*) as waiting, min(created_at) as oldest from alert_deliveries where status = 'waiting') as outbox,
       (select count(*)::int as channels,
          count(*) filter (where off_at is null and failures > 0)::int as "failingChannels",
          count(*) filter (where off_at is not null and off_reason <> $1::text)::int as "offChannels"
        from alert_channels) as channels`,
    [SWITCHED_OFF_BY_USER],
  );
}
