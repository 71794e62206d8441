import { beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { switchOff } from '../../src/openInterest/delivery/channels.repository.ts';
import { enqueueDeliveries } from '../../src/openInterest/delivery/outbox.repository.ts';
import { selectRow, selectRows, type Queryable } from '../../src/platform/database/postgres.ts';
import { isWaiting } from '../support/database.ts';
import { aFiring } from '../support/firings.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();

const Id = z.object({ id: z.string() });
const Delivery = z.object({
  channel: z.string(),
  symbol: z.string(),
  status: z.string(),
  finished: z.boolean(),
});

async function insertChannel(userId: string, offReason: string | null = null): Promise<string> {
  const { id } = await selectRow(
    database.pool,
    Id,
    `insert into alert_channels (user_id, name, kind, receiver, secrets, hint, off_at, off_reason)
     values ($1::text, 'a channel', 'webhook', 'example.com', '', '', case when $2::text is null then null else now() end, $2::text)
     returning id`,
    [userId, offReason],
  );
  return id;
}

function listDeliveries() {
  return selectRows(
    database.pool,
    Delivery,
    `select channel_id as channel, firing->>'symbol' as symbol, status, finished_at is not null as finished
     from alert_deliveries order by symbol, status`,
  );
}

describe('outbox', () => {
  beforeEach(() => database.clear());

  it('has one delivery per firing and channel, whatever the number of calls', async () => {
    const [one, two] = [await insertChannel('ada'), await insertChannel('ada')];
    const firings = [
      aFiring({ userId: 'ada', symbol: 'BTCUSDT', channelIds: [one] }),
      aFiring({ userId: 'ada', symbol: 'ETHUSDT', channelIds: [one, two] }),
      aFiring({ userId: 'ada', symbol: 'SOLUSDT', channelIds: [] }),
    ];
    await enqueueDeliveries(database.db, firings);
    await enqueueDeliveries(database.db, firings);
    const found = await listDeliveries();
    expect(found.map((it) => [it.symbol, it.status])).toEqual([
      ['BTCUSDT', 'waiting'],
      ['ETHUSDT', 'waiting'],
      ['ETHUSDT', 'waiting'],
    ]);
    expect(new Set(found.map((it) => it.channel))).toEqual(new Set([one, two]));
  });

  it('ignores the channels of other users', async () => {
    const channelIds = [await insertChannel('grace')];
    await enqueueDeliveries(database.db, [aFiring({ userId: 'ada', channelIds })]);
    expect(await listDeliveries()).toEqual([]);
  });

  it('records what a disabled channel missed', async () => {
    const channel = await insertChannel('ada', 'switched off by the user');
    await enqueueDeliveries(database.db, [aFiring({ userId: 'ada', channelIds: [channel] })]);
    expect(await listDeliveries()).toEqual([
      { channel, symbol: 'BTCUSDT', status: 'cancelled', finished: true },
    ]);
  });

  it('is filled by the transaction of the firings, or not at all', async () => {
    const channel = await insertChannel('ada');
    const failing = database.db.transaction(async (db) => {
      await enqueueDeliveries(db, [aFiring({ userId: 'ada', channelIds: [channel] })]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await listDeliveries()).toEqual([]);
  });

  it('leaves a channel out that is deleted meanwhile, and keeps the transaction of the firings', async () => {
    const [kept, deleted] = [await insertChannel('ada'), await insertChannel('ada')];
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      await client.query('delete from alert_channels where id = $1::uuid', [deleted]);
      const queued = enqueueDeliveries(database.db, [
        aFiring({ userId: 'ada', channelIds: [kept, deleted] }),
      ]);
      await waitFor('the outbox to wait for the deletion', () => isWaiting(database.pool));
      await client.query('commit');
      await queued;
    } finally {
      client.release();
    }
    expect((await listDeliveries()).map((it) => it.channel)).toEqual([kept]);
  });

  it.each(['before', 'after'])(
    'leaves nothing waiting for a channel that is switched off at the same time, %s the firing',
    async (order) => {
      const channel = await insertChannel('ada');
      const steps: ((db: Queryable) => Promise<void>)[] = [
        (db) => switchOff(db, channel, 'gone'),
        (db) => enqueueDeliveries(db, [aFiring({ userId: 'ada', channelIds: [channel] })]),
      ];
      const [first, second] = order === 'before' ? steps : steps.toReversed();
      const client = await database.pool.connect();
      try {
        await client.query('begin');
        await first!(client);
        let isDone = false;
        const done = database.db.transaction((db) => second!(db)).then(() => (isDone = true));
        await waitFor('the other to end or to wait', async () => isDone || (await isWaiting(database.pool)));
        await client.query('commit');
        await done;
      } finally {
        client.release();
      }
      expect((await listDeliveries()).map((it) => it.status)).toEqual(['cancelled']);
    },
  );
});
