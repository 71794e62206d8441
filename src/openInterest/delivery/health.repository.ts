import { z } from 'zod';
import { selectColumn, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { ChannelKind } from './channel.types.ts';

/** SQL of what doctor reports of channels and outbox. Ages in ms, by the database's clock. */

const KindRow = z.object({
  kind: ChannelKind,
  /** Switched on. */
  channels: z.number(),
  failing: z.number(),
  /** Of the channel that fails longest. */
  failingAgo: z.number(),
  lastError: z.string(),
});
export type FailingKind = z.infer<typeof KindRow>;

/** The kinds of which a channel fails. */
export function selectFailingKinds(db: Queryable): Promise<FailingKind[]> {
  return selectRows(
    db,
    KindRow,
    `select kind, count(*)::int as channels, count(failing_since)::int as failing,
       (extract(epoch from now() - min(failing_since)) * 1000)::float8 as "failingAgo",
       (array_agg(last_error order by failing_since nulls last))[1] as "lastError"
     from alert_channels where off_at is null
     group by kind having count(failing_since) > 0
     order by min(failing_since)`,
  );
}

/** For how long the oldest delivery has been due that no node sends; `null`: each is sent or waits for its retry. */
export async function selectUnsentAgo(db: Queryable): Promise<number | null> {
  const [ago] = await selectColumn(
    db,
    z.number(),
    `select (extract(epoch from now() - min(greatest(due_at, retry_at, leased_until))) * 1000)::float8
     from alert_channels
     cross join lateral (
       select min(next_attempt_at) as due_at from alert_deliveries
       where channel_id = alert_channels.id and status = 'waiting') as oldest
     where off_at is null and due_at is not null
     having min(greatest(due_at, retry_at, leased_until)) <= now()`,
  );
  return ago ?? null;
}
