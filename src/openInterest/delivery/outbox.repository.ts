import { execute, type Queryable } from '../../platform/database/postgres.ts';
import type { Firing } from './firing.types.ts';

/** SQL that fills the outbox (`alert_deliveries`). */

/** `sendAt`: epoch ms, not before; `null` or absent: now. */
export type OutgoingFiring = Firing & { sendAt?: number | null };

/**
 * Queues one delivery per firing and channel. Run it in the transaction that inserts the firings, so that a firing and its
 * deliveries are stored together or not at all. A firing that is queued already changes nothing. A channel that is deleted
 * meanwhile gets none; one that is switched off, before or meanwhile, a cancelled one, so that the ledger shows what it missed.
 */
export async function enqueueDeliveries(
  client: Queryable,
  firings: readonly OutgoingFiring[],
): Promise<void> {
  if (firings.length === 0) return;
  await execute(
    client,
    `insert into alert_deliveries (channel_id, user_id, firing_id, firing, status, next_attempt_at, finished_at, error)
     select channel.id, channel.user_id, (given.firing->>'id')::uuid, given.firing - '{channelIds,sendAt}'::text[],
       case when channel.off_at is null then 'waiting' else 'cancelled' end,
       coalesce(to_timestamp((given.firing->>'sendAt')::float8 / 1000), now()),
       case when channel.off_at is null then null else now() end,
       case when channel.off_at is null then null else 'the channel is switched off' end
     from jsonb_array_elements($1::jsonb) as given(firing)
     join alert_channels as channel
       on channel.user_id = given.firing->>'userId'
      and channel.id::text in (select jsonb_array_elements_text(given.firing->'channelIds'))
     for share of channel
     on conflict (channel_id, firing_id) do nothing`,
    [JSON.stringify(firings)],
  );
}
