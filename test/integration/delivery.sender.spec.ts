import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { updateChannelSettings } from '../../src/openInterest/delivery/channels.repository.ts';
import { selectFailingKinds, selectUnsentAgo } from '../../src/openInterest/delivery/health.repository.ts';
import { failExpired, leaseChannels } from '../../src/openInterest/delivery/sending.repository.ts';
import { selectRow } from '../../src/platform/database/postgres.ts';
import { DAY_MS } from '../../src/kit/clock.ts';
import { createDeliveryRig, webhookSecrets } from '../support/deliveryRig.ts';
import { startReceiver, type Receiver, type Treatment } from '../support/receiver.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();
type Rig = ReturnType<typeof createDeliveryRig>;
const receivers: Receiver[] = [];
const senders: { stop(): Promise<void> }[] = [];

beforeEach(() => database.clear());
afterEach(async () => {
  await Promise.all(senders.splice(0).map((it) => it.stop()));
  await Promise.all(receivers.splice(0).map((it) => it.close()));
});

async function newReceiver(treat?: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  const receiver = await startReceiver(treat);
  receivers.push(receiver);
  return receiver;
}

function startSender(rig: Rig) {
  const sender = rig.startSender();
  senders.push(sender);
  return sender;
}

async function untilAll(rig: Rig, status: string, count: number): Promise<void> {
  await waitFor(`${count} deliveries to be ${status}`, async () => {
    const rows = await rig.list();
    return rows.filter((it) => it.status === status).length === count;
  });
}

const ChannelState = z.object({
  on: z.boolean(),
  offReason: z.string().nullable(),
  failures: z.number(),
  pauseMs: z.number().nullable(),
});

function stateOf(channelId: string) {
  return selectRow(
    database.pool,
    ChannelState,
    `select off_at is null as on, off_reason as "offReason", failures,
       (extract(epoch from retry_at - now()) * 1000)::float8 as "pauseMs"
     from alert_channels where id = $1::uuid`,
    [channelId],
  );
}

/** By id: the bodies that arrived. */
function bodiesById(posts: Receiver['posts']): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { id, body } of posts) found.set(id, (found.get(id) ?? new Set()).add(body));
  return found;
}

async function failingFor(days: number): Promise<void> {
  await database.pool.query(
    `update alert_channels set failures = 9, failing_since = now() - $1::int * interval '1 day' - interval '1 minute'`,
    [days],
  );
}

describe('a sender', () => {
  it('K1 keeps a channel on whose secrets it cannot decrypt, and sends once the key is there', async () => {
    const receiver = await newReceiver();
    const key = Buffer.alloc(32, 1);
    const rig = createDeliveryRig({ db: database.db, key });
    const channel = await rig.addChannel({ secrets: webhookSecrets(receiver.url) });
    await failingFor(6);
    await rig.enqueue(1, [channel]);
    const keyless = startSender(createDeliveryRig({ db: database.db, key: Buffer.alloc(32, 2) }));
    await waitFor('an attempt', async () => (await stateOf(channel)).failures > 9);
    await keyless.stop();
    expect(await rig.list()).toMatchObject([
      { status: 'waiting', error: expect.stringContaining('ALERT_SECRETS_KEYS') },
    ]);
    startSender(rig);
    await untilAll(rig, 'delivered', 1);
    expect(await stateOf(channel)).toMatchObject({ on: true, failures: 0 });
  });

  it('K1 K2 loses nothing at a receiver that answers 500 or 429, hangs or disconnects; each retry has the id of the first attempt', async () => {
    const faults: Treatment[] = [
      { status: 500 },
      { status: 429, headers: { 'retry-after': '0' } },
      'hang',
      'cut',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
    ];
    // Every second request fails, each in another way.
    const receiver = await newReceiver((_, count) =>
      count % 2 === 0 ? { status: 200 } : faults[Math.floor(count / 2) % faults.length]!,
    );
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets(`${receiver.url}/hook`) });
    await rig.enqueue(20, [channel]);
    startSender(rig);
    await untilAll(rig, 'delivered', 20);
    const rows = await rig.list();
    const sent = bodiesById(receiver.posts);
    expect([...sent.keys()].toSorted()).toEqual(rows.map((it) => it.id).toSorted());
    expect([...sent.values()].filter((bodies) => bodies.size !== 1)).toEqual([]);
    expect(receiver.posts.length).toBeGreaterThan(20);
    expect(new Set(receiver.accepted.map((it) => it.id)).size).toBe(20);
    expect(await stateOf(channel)).toEqual({ on: true, offReason: null, failures: 0, pauseMs: null });
  });

  it('K1 delivers the backlog of a receiver that was down, with one probe per wait instead of one per delivery', async () => {
    const receiver = await newReceiver();
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets(receiver.url) });
    await receiver.down();
    await rig.enqueue(200, [channel]);
    startSender(rig);
    await waitFor('failed attempts', async () => (await stateOf(channel)).failures >= 3);
    const attempts = (await rig.list()).reduce((sum, it) => sum + it.attempts, 0);
    expect(attempts).toBeLessThan(200);
    await receiver.up();
    await untilAll(rig, 'delivered', 200);
    expect(new Set(receiver.accepted.map((it) => it.id)).size).toBe(200);
  });

  it('waits for Retry-After, and serves other channels meanwhile', async () => {
    const [limited, other] = [
      await newReceiver(() => ({ status: 429, headers: { 'retry-after': '3600' } })),
      await newReceiver(),
    ];
    const rig = createDeliveryRig({ db: database.db });
    const [first, second] = [
      await rig.addChannel({ secrets: webhookSecrets(limited.url) }),
      await rig.addChannel({ secrets: webhookSecrets(other.url) }),
    ];
    await rig.enqueue(10, [first, second]);
    startSender(rig);
    await untilAll(rig, 'delivered', 10);
    await waitFor('the limit to be recorded', async () => (await stateOf(first)).failures === 1);
    expect((await stateOf(first)).pauseMs).toBeGreaterThan(3_000_000);
    expect(limited.posts).toHaveLength(1);
  });

  it('leaves slow receivers after a while, so that they do not hold up the channels of others', async () => {
    const treat = () => ({ status: 204, after: sleep(100) });
    const slow = await Promise.all(Array.from({ length: 16 }, () => newReceiver(treat)));
    const quick = await newReceiver();
    const rig = createDeliveryRig({ db: database.db, turnMs: 200 });
    const channels = await Promise.all(
      slow.map(({ url }) => rig.addChannel({ secrets: webhookSecrets(url) })),
    );
    await rig.enqueue(50, channels);
    startSender(rig);
    await waitFor('all places to be taken', () => slow.every((it) => it.posts.length > 0));
    await rig.enqueue(1, [await rig.addChannel({ secrets: webhookSecrets(quick.url) })]);
    await waitFor('the delivery of the quick one', () => quick.accepted.length === 1);
    expect(slow.reduce((sum, it) => sum + it.accepted.length, 0)).toBeLessThan((16 * 50) / 2);
  });

  it('K1 disables a channel that answers 410, records the reason and cancels its backlog', async () => {
    const receiver = await newReceiver(() => ({ status: 410, body: 'moved away' }));
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets(receiver.url) });
    await rig.enqueue(5, [channel]);
    startSender(rig);
    await untilAll(rig, 'cancelled', 5);
    const state = await stateOf(channel);
    expect([state.on, state.offReason]).toEqual([false, 'the receiver answered 410: moved away']);
    expect(receiver.posts).toHaveLength(1);
  });

  it('K1 keeps a channel on whose settings were replaced before the old receiver answered 410', async () => {
    let answer: () => void = () => undefined;
    const after = new Promise<void>((resolve) => (answer = resolve));
    const [old, replaced] = [await newReceiver(() => ({ status: 410, after })), await newReceiver()];
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets(old.url) });
    await rig.enqueue(2, [channel]);
    startSender(rig);
    await waitFor('the request', () => old.posts.length === 1);
    await updateChannelSettings(database.db, channel, rig.sealed(channel, webhookSecrets(replaced.url)));
    answer();
    await untilAll(rig, 'delivered', 2);
    expect(await stateOf(channel)).toMatchObject({ on: true, failures: 0 });
    expect(replaced.accepted).toHaveLength(2);
  });

  it('L7 is judged by what is due and not sent, and by the kinds that fail', async () => {
    const [down, well] = [await newReceiver(() => ({ status: 500, body: 'full' })), await newReceiver()];
    const rig = createDeliveryRig({ db: database.db, backoff: { firstMs: 600_000, longestMs: 600_000 } });
    const failing = await rig.addChannel({ secrets: webhookSecrets(down.url) });
    await rig.addChannel({ secrets: webhookSecrets(well.url) });
    await rig.enqueue(1, [failing]);
    await database.pool.query(`update alert_deliveries set next_attempt_at = now() - interval '10 minutes'`);
    expect(await selectUnsentAgo(database.db)).toBeGreaterThanOrEqual(600_000);
    expect(await selectFailingKinds(database.db)).toEqual([]);
    startSender(rig);
    await waitFor('an attempt', async () => (await stateOf(failing)).failures > 0);
    expect(await selectFailingKinds(database.db)).toEqual([
      {
        kind: 'webhook',
        channels: 2,
        failing: 1,
        failingAgo: expect.any(Number),
        lastError: 'the receiver answered 500: full',
      },
    ]);
    // The retry is drawn from 0 to 10 minutes.
    await database.pool.query(
      `update alert_channels set retry_at = now() + interval '1 minute' where failures > 0`,
    );
    expect(await selectUnsentAgo(database.db)).toBeNull();
  });

  it('disables a channel after five days without a success', async () => {
    const receiver = await newReceiver(() => ({ status: 500 }));
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets(receiver.url) });
    await failingFor(5);
    await rig.enqueue(1, [channel]);
    startSender(rig);
    await untilAll(rig, 'cancelled', 1);
    expect((await stateOf(channel)).offReason).toMatch(/^no success for 5 days; last error: .* 500$/);
  });

  it('K1 fails a delivery permanently after three days', async () => {
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets('http://127.0.0.1:9') });
    await rig.enqueue(2, [channel]);
    await database.pool.query(
      `update alert_deliveries set created_at = now() - interval '73 hours' where firing->>'symbol' = 'S0USDT'`,
    );
    expect(await failExpired(database.db, 3 * DAY_MS, 100)).toBe(1);
    expect((await rig.list()).map((it) => it.status).toSorted()).toEqual(['failed', 'waiting']);
  });

  it('K3 shares the channels with other nodes: each delivery is sent once', async () => {
    const receiver = await newReceiver();
    const rig = createDeliveryRig({ db: database.db });
    const channels: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      channels.push(await rig.addChannel({ secrets: webhookSecrets(`${receiver.url}/${i}`) }));
    }
    await rig.enqueue(15, channels);
    for (let node = 0; node < 3; node += 1) startSender(rig);
    await untilAll(rig, 'delivered', 120);
    // A slow machine may time an attempt out, before or after it arrives; it is made again with the same id.
    const attempts = (await rig.list()).reduce((sum, it) => sum + it.attempts, 0);
    expect(receiver.posts.length).toBeLessThanOrEqual(attempts);
    expect(new Set(receiver.posts.map((it) => it.id)).size).toBe(120);
  });

  it('K1 K3 sends the leased deliveries of a dead node once their lease has expired', async () => {
    const receiver = await newReceiver();
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets(receiver.url) });
    await rig.enqueue(3, [channel]);
    const dead = { node: '00000000-0000-4000-8000-000000000000', leaseMs: 600_000, limit: 10 };
    expect(await leaseChannels(database.db, dead)).toHaveLength(1);
    const sender = startSender(rig);
    await sender.stop();
    expect(receiver.posts).toEqual([]);
    await database.pool.query(`update alert_channels set leased_until = now()`);
    startSender(rig);
    await untilAll(rig, 'delivered', 3);
  });

  it('records the request in flight on stop, and leaves the rest to others', async () => {
    let answer: (() => void) | undefined;
    const receiver = await newReceiver();
    const rig = createDeliveryRig({ db: database.db });
    const channel = await rig.addChannel({ secrets: webhookSecrets(receiver.url) });
    await rig.enqueue(30, [channel]);
    const sender = startSender(rig);
    receiver.treat(() => {
      answer?.();
      return { status: 200 };
    });
    await new Promise<void>((resolve) => (answer = resolve));
    await sender.stop();
    const rows = await rig.list();
    const sent = rows.filter((it) => it.attempts > 0).map((it) => it.id);
    expect(sent.toSorted()).toEqual([...new Set(receiver.posts.map((it) => it.id))].toSorted());
    startSender(rig);
    await untilAll(rig, 'delivered', 30);
    expect(new Set(receiver.posts.map((it) => it.id)).size).toBe(30);
  });

  it('signs webhooks so that the reference implementation verifies them', async () => {
    const receiver = await newReceiver();
    const rig = createDeliveryRig({ db: database.db });
    const secrets = webhookSecrets(receiver.url);
    const channel = await rig.addChannel({ secrets });
    await rig.enqueue(1, [channel]);
    startSender(rig);
    await untilAll(rig, 'delivered', 1);
    const [{ body, headers, id }] = receiver.posts as [Receiver['posts'][0]];
    const verified = new Webhook(secrets.secret).verify(body, headers) as { type: string; data: unknown };
    expect(verified).toMatchObject({ type: 'alert.fired', data: { symbol: 'S0USDT' } });
    expect(id).toBe((await rig.list())[0]!.id);
    expect(() => new Webhook('whsec_' + 'B'.repeat(32)).verify(body, headers)).toThrow(
      'No matching signature',
    );
  });

  it('sends a storm to a chat as one digest', async () => {
    const receiver = await newReceiver(() => ({ status: 200, body: '{"ok":true}' }));
    const rig = createDeliveryRig({ db: database.db, telegramApiUrl: receiver.url });
    const token = `123456:${'x'.repeat(35)}`;
    const channel = await rig.addChannel({ kind: 'telegram', secrets: { token, chat: '42' } });
    await rig.enqueue(47, [channel]);
    startSender(rig);
    await untilAll(rig, 'delivered', 47);
    expect(receiver.posts).toHaveLength(1);
    const [{ path, body }] = receiver.posts as [Receiver['posts'][0]];
    expect(path).toBe(`/bot${token}/sendMessage`);
    expect(JSON.parse(body)).toMatchObject({
      chat_id: '42',
      text: expect.stringMatching(/^47 alerts: 47 up\n/),
    });
  });

  it('sends a digest again as a whole', async () => {
    const receiver = await newReceiver((_, count) => ({ status: count === 1 ? 500 : 200 }));
    const rig = createDeliveryRig({
      db: database.db,
      telegramApiUrl: receiver.url,
      backoff: { firstMs: 2_000, longestMs: 2_000 },
    });
    const secrets = { token: `123456:${'x'.repeat(35)}`, chat: '42' };
    const channel = await rig.addChannel({ kind: 'telegram', secrets });
    await rig.enqueue(40, [channel]);
    startSender(rig);
    await waitFor('a success', async () => (await rig.list()).some((it) => it.status === 'delivered'));
    expect(new Set((await rig.list()).map((it) => it.status))).toEqual(new Set(['delivered']));
    expect(receiver.posts).toHaveLength(2);
  });

  it('sends what waited for the end of quiet hours to a chat as one digest, and nothing before', async () => {
    const receiver = await newReceiver(() => ({ status: 200, body: '{"ok":true}' }));
    const rig = createDeliveryRig({ db: database.db, telegramApiUrl: receiver.url });
    const channel = await rig.addChannel({
      kind: 'telegram',
      secrets: { token: `123456:${'x'.repeat(35)}`, chat: '42' },
    });
    const endsAt = Date.now() + 3_600_000;
    await rig.enqueue(3, [channel], { quiet: true, sendAt: endsAt });
    await rig.enqueue(1, [channel]);
    startSender(rig);
    await untilAll(rig, 'delivered', 1);
    expect((await rig.list()).map((it) => it.status).toSorted()).toEqual([
      'delivered',
      'waiting',
      'waiting',
      'waiting',
    ]);
    await database.pool.query(`update alert_deliveries set next_attempt_at = now() where status = 'waiting'`);
    await untilAll(rig, 'delivered', 4);
    expect(receiver.posts.map((it) => (JSON.parse(it.body) as { text: string }).text.split('\n')[0])).toEqual(
      ['S0USDT open interest +5.20% in 1h', '3 alerts: 3 up'],
    );
  });
});
