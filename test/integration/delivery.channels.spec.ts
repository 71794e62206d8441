import { createECDH, randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { createLogger } from '../../src/kit/logger.ts';
import { ChannelList, ChannelWithSecret, Delivery } from '../../src/openInterest/delivery/channel.types.ts';
import { enqueueDeliveries } from '../../src/openInterest/delivery/outbox.repository.ts';
import { aFiring } from '../support/firings.ts';
import { startReceiver } from '../support/receiver.ts';
import { OPERATOR_KEY, startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();
const [oldKey, newKey] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const vapid = createECDH('prime256v1');
const vapidPublicKey = vapid.generateKeys('base64url');
const browser = createECDH('prime256v1');

/** Secrets of every kind: none may be found again in an answer or the log. */
const WHSEC = `whsec_${randomBytes(24).toString('base64')}`;
const TOKEN = `987654321:${randomBytes(26).toString('hex').slice(0, 35)}`;
const DISCORD = randomBytes(30).toString('hex');
const SLACK = randomBytes(12).toString('hex');
const PUSH = randomBytes(30).toString('hex');
const CANARIES = [WHSEC, TOKEN, DISCORD, SLACK, PUSH];

const receiver = withOpened(startReceiver, 'close');
const server = withOpened(() => start({}), 'close');
let pro: Record<string, string>;
let log = '';
const logger = createLogger({
  level: 'trace',
  name: 'test',
  destination: { write: (line) => void (log += line) },
});

function start(env: Record<string, string>): Promise<TestServer> {
  return startTestServer({
    databaseUrl: database.url,
    logger,
    env: {
      ALERT_SECRETS_KEYS: oldKey,
      ALERT_RECEIVERS_ALLOW_HTTP: 'true',
      ALERT_RECEIVERS_ALLOW_PRIVATE: 'true',
      TELEGRAM_API_URL: receiver.url,
      DISCORD_API_URL: receiver.url,
      SLACK_API_URL: `${receiver.url}/`,
      VAPID_PUBLIC_KEY: vapidPublicKey,
      VAPID_PRIVATE_KEY: vapid.getPrivateKey('base64url'),
      VAPID_SUBJECT: 'mailto:ops@example.com',
      ...env,
    },
  });
}

beforeAll(async () => {
  pro = { Authorization: `Bearer ${await server.token('pro')}` };
});
beforeEach(() => database.clear());

const settingsOf = () => ({
  webhook: { kind: 'webhook', url: `${receiver.url}/hook`, secret: WHSEC },
  telegram: { kind: 'telegram', token: TOKEN, chat: '-1001234567890' },
  discord: { kind: 'discord', url: `https://discord.com/api/webhooks/123456789012345678/${DISCORD}` },
  slack: { kind: 'slack', url: `https://hooks.slack.com/services/T12345678/B12345678/${SLACK}` },
  webpush: {
    kind: 'webpush',
    endpoint: `${receiver.url}/push/${PUSH}`,
    keys: { p256dh: browser.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  },
});

const Page = z.object({ deliveries: z.array(Delivery), nextBefore: z.string().nullable() });

async function create(settings: object, name = 'A channel') {
  const response = await server.post('/api/alert-channels', { name, settings }, pro);
  expect([response.status, await response.clone().text()]).toEqual([201, expect.anything()]);
  return ChannelWithSecret.parse(await response.json());
}

async function list(of = server): Promise<z.infer<typeof ChannelList>> {
  return ChannelList.parse(await (await of.get('/api/alert-channels', pro)).json());
}

async function sendTest(id: string): Promise<Delivery> {
  const response = await server.post(`/api/alert-channels/${id}/test`, undefined, pro);
  return Delivery.parse(await response.json());
}

function change(id: string, body: unknown, of = server, headers = pro): Promise<Response> {
  return fetch(`${of.url}/api/alert-channels/${id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe('a channel', () => {
  it.each([
    ['webhook', '/hook', 'alert.test'],
    ['telegram', `/bot${TOKEN}/sendMessage`, 'Test: BTCUSDT open interest +5.00% in 1h'],
    ['discord', `/api/webhooks/123456789012345678/${DISCORD}`, 'Test: BTCUSDT open interest'],
    ['slack', `/services/T12345678/B12345678/${SLACK}`, 'Test: BTCUSDT open interest'],
    ['webpush', `/push/${PUSH}`, ''],
  ] as const)(
    'K5 of kind %s sends a test, and shows only the end of its secret',
    async (kind, path, text) => {
      const settings = settingsOf()[kind];
      const { channel, secret } = await create(settings);
      expect([secret, channel.kind, channel.on]).toEqual([null, kind, true]);
      const delivery = await sendTest(channel.id);
      expect(delivery).toMatchObject({ status: 'delivered', test: true, attempts: 1, responseStatus: 204 });
      const post = receiver.posts.at(-1)!;
      expect(post.path).toBe(path);
      expect(post.body).toContain(text);
      const answers = JSON.stringify([channel, delivery, await list()]);
      expect(CANARIES.filter((it) => answers.includes(it))).toEqual([]);
      expect(CANARIES.some((it) => it.endsWith(channel.hint) || path.endsWith(channel.hint))).toBe(true);
      const stored = await database.pool.query<{ text: string }>(
        `select row_to_json(c)::text || encode(secrets, 'escape') as text from alert_channels c`,
      );
      expect(CANARIES.filter((it) => stored.rows[0]!.text.includes(it))).toEqual([]);
      expect(CANARIES.filter((it) => log.includes(it))).toEqual([]);
    },
  );

  it('of web push is encrypted for the browser and signed by this server', async () => {
    const { channel } = await create(settingsOf().webpush);
    const { id } = await sendTest(channel.id);
    const { headers } = receiver.posts.at(-1)!;
    expect(headers).toMatchObject({
      'content-encoding': 'aes128gcm',
      topic: id.replaceAll('-', ''),
      authorization: expect.stringMatching(new RegExp(`^vapid t=.+, k=${vapidPublicKey}$`)),
    });
    expect((await list()).vapidPublicKey).toBe(vapidPublicKey);
  });

  it('of kind webhook gets a secret if it has none, and signs with both during a rotation', async () => {
    const { channel, secret } = await create({ kind: 'webhook', url: `${receiver.url}/hook` });
    const rotated = await server.post(`/api/alert-channels/${channel.id}/rotate-secret`, undefined, pro);
    const { secret: next } = ChannelWithSecret.parse(await rotated.json());
    expect(next).not.toBe(secret);
    await sendTest(channel.id);
    const { body, headers } = receiver.posts.at(-1)!;
    for (const it of [secret!, next!]) new Webhook(it).verify(body, headers);
    expect(headers['webhook-signature']!.split(' ')).toHaveLength(2);
  });

  it('is renamed, enabled, disabled and deleted by its user only', async () => {
    const { channel } = await create(settingsOf().webhook);
    const other = { Authorization: `Bearer ${await server.token('pro', { sub: 'another-user' })}` };
    expect((await change(channel.id, { name: 'Mine' }, server, other)).status).toBe(404);
    await enqueueDeliveries(database.db, [aFiring({ userId: 'pro-user', channelIds: [channel.id] })]);
    expect((await change(channel.id, { name: 'Renamed', on: false })).status).toBe(200);
    expect((await list()).channels).toMatchObject([
      { name: 'Renamed', on: false, offReason: 'switched off by the user' },
    ]);
    await change(channel.id, { on: true });
    expect((await list()).channels[0]).toMatchObject({ on: true, offReason: null });
    const remove = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/alert-channels/${channel.id}`, { method: 'DELETE', headers });
    expect([(await remove(other)).status, (await remove(pro)).status]).toEqual([404, 204]);
    expect((await list()).channels).toEqual([]);
  });

  it('requires a paid tier; a free user may list and delete', async () => {
    const free = { Authorization: `Bearer ${await server.token('free')}` };
    const body = { name: 'A', settings: settingsOf().webhook };
    expect((await server.post('/api/alert-channels', body, free)).status).toBe(403);
    expect((await server.get('/api/alert-channels', free)).status).toBe(200);
  });

  it('is one of at most twenty', async () => {
    for (let i = 0; i < 20; i += 1) await create(settingsOf().webhook);
    const response = await server.post(
      '/api/alert-channels',
      { name: 'A', settings: settingsOf().webhook },
      pro,
    );
    expect([response.status, await response.json()]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'channel_limit' }) },
    ]);
  });

  it.each([
    [{ kind: 'webhook', url: 'https://user:x@example.com/' }, 'settings.url'],
    [{ kind: 'webhook', url: 'https://169.254.169.254/latest' }, 'settings.url'],
    [{ kind: 'webhook', url: 'https://example.com', secret: 'whsec_c2hvcnQ=' }, 'settings.secret'],
    [{ kind: 'telegram', token: 'nonsense', chat: '1' }, 'settings.token'],
    [{ kind: 'discord', url: 'https://example.com/api/webhooks/1/x' }, 'settings.url'],
    [{ kind: 'slack', url: 'https://hooks.slack.com.example.com/services/T1/B1/x' }, 'settings.url'],
    [
      { kind: 'webpush', endpoint: 'https://example.com', keys: { p256dh: 'AA', auth: 'AA' } },
      'settings.keys.p256dh',
    ],
    [{ kind: 'pigeon' }, 'settings.kind'],
  ])('is refused where %j is wrong', async (settings, field) => {
    const response = await server.post('/api/alert-channels', { name: 'A', settings }, pro);
    const { error } = (await response.json()) as { error: { details: { path: string }[] } };
    expect([response.status, error.details.map((it) => it.path)]).toEqual([
      400,
      expect.arrayContaining([field]),
    ]);
  });

  it('is rotated once by two requests at once: the other is refused', async () => {
    const { channel, secret } = await create({ kind: 'webhook', url: `${receiver.url}/hook` });
    const rotate = () => server.post(`/api/alert-channels/${channel.id}/rotate-secret`, undefined, pro);
    const [lock, waits] = [
      await database.pool.connect(),
      () =>
        database.pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        ),
    ];
    await lock.query('begin');
    await lock.query('select from alert_channels for update');
    const rotations = [rotate(), rotate()];
    await waitFor('both to wait', async () => (await waits()).rowCount === 2);
    await lock.query('commit');
    lock.release();
    const answers = (await Promise.all(rotations)).toSorted((a, b) => a.status - b.status);
    expect(answers.map((it) => it.status)).toEqual([200, 409]);
    const { secret: next } = ChannelWithSecret.parse(await answers[0]!.json());
    await sendTest(channel.id);
    const { body, headers } = receiver.posts.at(-1)!;
    for (const it of [secret!, next!]) new Webhook(it).verify(body, headers);
  });

  it('stays off, or deleted, when that happens during a test', async () => {
    const test = async (meanwhile: (id: string) => Promise<Response>) => {
      const { channel } = await create(settingsOf().webhook);
      receiver.treat(() => ({ status: 204, after: meanwhile(channel.id) }));
      return server.post(`/api/alert-channels/${channel.id}/test`, undefined, pro);
    };
    try {
      expect((await test((id) => change(id, { on: false }))).status).toBe(200);
      expect((await list()).channels[0]).toMatchObject({ on: false, offReason: 'switched off by the user' });
      const remove = (id: string) =>
        fetch(`${server.url}/api/alert-channels/${id}`, { method: 'DELETE', headers: pro });
      expect((await test(remove)).status).toBe(404);
    } finally {
      receiver.treat(() => ({ status: 204 }));
    }
  });

  it('is limited to ten tests a minute of its user, at once or with another channel too', async () => {
    const tester = { Authorization: `Bearer ${await server.token('pro', { sub: 'tester' })}` };
    const body = { name: 'A', settings: settingsOf().webhook };
    const test = async () => {
      const created = await server.post('/api/alert-channels', body, tester);
      const { channel } = ChannelWithSecret.parse(await created.json());
      return () => server.post(`/api/alert-channels/${channel.id}/test`, undefined, tester);
    };
    const first = await test();
    const statuses = (await Promise.all(Array.from({ length: 12 }, first))).map((it) => it.status);
    expect(statuses.filter((it) => it === 200)).toHaveLength(10);
    await database.clear();
    const second = await test();
    expect((await second()).status).toBe(429);
  });
});

describe('the ledger', () => {
  it('shows what was sent to the channels of its user, page by page', async () => {
    const { channel } = await create(settingsOf().webhook, 'Mine');
    const firings = ['A', 'B', 'C'].map((it) =>
      aFiring({ userId: 'pro-user', symbol: `${it}USDT`, channelIds: [channel.id] }),
    );
    await enqueueDeliveries(database.db, firings);
    const read = async (query: string) =>
      Page.parse(await (await server.get(`/api/alert-deliveries?${query}`, pro)).json());
    await waitFor(
      'the server to send them',
      async () => (await read('status=delivered')).deliveries.length === 3,
    );
    const first = await read('limit=2');
    const second = await read(`limit=2&before=${first.nextBefore}`);
    expect([first.deliveries.length, second.deliveries.length, second.nextBefore]).toEqual([2, 1, null]);
    const all = [...first.deliveries, ...second.deliveries];
    expect(all.map((it) => it.firing.symbol).toSorted()).toEqual(['AUSDT', 'BUSDT', 'CUSDT']);
    expect(all[0]).toMatchObject({ channelName: 'Mine', kind: 'webhook', attempts: 1, nextAttemptAt: null });
    expect((await read(`firing=${firings[0]!.id}`)).deliveries).toHaveLength(1);
    const metrics = await (await server.get('/metrics', { 'X-API-Key': OPERATOR_KEY })).text();
    expect(metrics).toMatch(/^oi_deliveries_attempts_total\{kind="webhook",result="delivered"\} \d+$/m);
  });

  it('is read to its end although the channel of the last row of a page is deleted meanwhile', async () => {
    const kept = (await create(settingsOf().webhook, 'Kept')).channel.id;
    const doomed = (await create(settingsOf().webhook, 'Doomed')).channel.id;
    const given: [string, string, number][] = [
      ['A', kept, 1],
      ['B', doomed, 2],
      ['C', kept, 3],
      ['D', kept, 4],
    ];
    for (const [symbol, channelId, microseconds] of given) {
      await enqueueDeliveries(database.db, [
        aFiring({ userId: 'pro-user', symbol: `${symbol}USDT`, channelIds: [channelId] }),
      ]);
      // All within a millisecond.
      await database.pool.query(
        `update alert_deliveries set created_at = date_trunc('second', now()) - $2::int * interval '1 microsecond'
         where firing->>'symbol' = $1`,
        [`${symbol}USDT`, microseconds],
      );
    }
    const read = async (query: string) =>
      Page.parse(await (await server.get(`/api/alert-deliveries?${query}`, pro)).json());
    const first = await read('limit=2');
    expect(first.deliveries.map((it) => it.firing.symbol)).toEqual(['AUSDT', 'BUSDT']);
    const deleted = await fetch(`${server.url}/api/alert-channels/${doomed}`, {
      method: 'DELETE',
      headers: pro,
    });
    expect(deleted.status).toBe(204);
    const second = await read(`limit=2&before=${encodeURIComponent(first.nextBefore!)}`);
    expect(second.deliveries.map((it) => it.firing.symbol)).toEqual(['CUSDT', 'DUSDT']);
    expect((await read(`before=${encodeURIComponent(second.nextBefore!)}`)).deliveries).toEqual([]);
    expect((await server.get('/api/alert-deliveries?before=yesterday', pro)).status).toBe(400);
  });
});

describe('secret keys', () => {
  it('are rotated: a new first key re-encrypts the secrets of the old one', async () => {
    await create(settingsOf().webhook);
    const before = await database.pool.query<{ secrets: Buffer }>('select secrets from alert_channels');
    const both = await start({ ALERT_SECRETS_KEYS: `${newKey},${oldKey}` });
    try {
      await waitFor('the secrets to be encrypted with the new key', async () => {
        const { rows } = await database.pool.query<{ secrets: Buffer }>('select secrets from alert_channels');
        return !rows[0]!.secrets.equals(before.rows[0]!.secrets);
      });
    } finally {
      await both.close();
    }
    const renewed = await start({ ALERT_SECRETS_KEYS: newKey });
    try {
      const [channel] = (await list(renewed)).channels;
      const response = await renewed.post(`/api/alert-channels/${channel!.id}/test`, undefined, pro);
      expect(await response.json()).toMatchObject({ status: 'delivered' });
    } finally {
      await renewed.close();
    }
  });

  it('may be missing: creating a channel names the setting, and everything else works', async () => {
    const bare = await start({ ALERT_SECRETS_KEYS: '' });
    try {
      const body = { name: 'A', settings: settingsOf().webhook };
      const response = await bare.post('/api/alert-channels', body, pro);
      expect([response.status, await response.json()]).toEqual([
        503,
        {
          error: expect.objectContaining({
            code: 'alert_secrets_keys',
            message: expect.stringContaining('ALERT_SECRETS_KEYS'),
          }),
        },
      ]);
      expect((await list(bare)).channels).toEqual([]);
      expect((await bare.get('/readyz')).status).toBe(200);
    } finally {
      await bare.close();
    }
  });
});
