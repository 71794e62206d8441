import { describe, expect, it } from '@jest/globals';
import { AlertRule } from '../../src/openInterest/rules/rules.types.ts';
import { aRule } from '../support/alertRules.ts';
import { bearer, getJson, readRefusal } from '../support/openInterestCalls.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { withServer } from '../support/withServer.ts';

const { server } = withServer();
const BASE = '/api/alert-rules';

type As = { Authorization: string };

const as = (sub: string, tier: 'free' | 'pro' | 'elite' = 'pro') => bearer(server, tier, { sub });

async function create(who: As, rule: unknown = aRule()): Promise<AlertRule> {
  const response = await server.post(BASE, rule, who);
  expect(response.status).toBe(201);
  return AlertRule.parse(await response.json());
}

function put(who: As, id: string, rule: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}${BASE}/${id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...who, ...headers },
    body: JSON.stringify(rule),
  });
}

const remove = (who: As, id: string) =>
  fetch(`${server.url}${BASE}/${id}`, { method: 'DELETE', headers: who });

const listed = async (who: As) =>
  ((await getJson(server, BASE, who)) as { rules: AlertRule[] }).rules.map((it) => it.rule.name);

describe('rules of a user', () => {
  it('are created with their defaults, listed oldest first, read, replaced and deleted', async () => {
    const user = await as('crud');
    const first = await create(user, { name: 'A', window: '1h', direction: 'up', thresholdPct: 3 });
    expect(first).toMatchObject({ version: 1, lastFiredAt: null });
    expect(first.rule).toEqual(aRule({ name: 'A', window: '1h', direction: 'up', thresholdPct: 3 }));
    await create(user, aRule({ name: 'B', symbols: ['btc-usdt', 'BTCUSDT', 'ETHUSDT'] }));
    expect(await listed(user)).toEqual(['A', 'B']);

    const read = await server.get(`${BASE}/${first.id}`, user);
    expect(read.headers.get('etag')).toBe('"1"');
    const replaced = await put(user, first.id, { ...first.rule, name: 'C' }, { 'If-Match': '"1"' });
    expect([replaced.status, replaced.headers.get('etag')]).toEqual([200, '"2"']);
    expect(await listed(user)).toEqual(['C', 'B']);

    expect((await remove(user, first.id)).status).toBe(204);
    expect((await remove(user, first.id)).status).toBe(404);
    expect(await listed(user)).toEqual(['B']);
  });

  it('name their symbols as ingest stores them, each once', async () => {
    const { rule } = await create(await as('names'), aRule({ symbols: ['btc-usdt', 'BTCUSDT', 'ethusdt'] }));
    expect(rule.symbols).toEqual(['BTCUSDT', 'ETHUSDT']);
    const refused = await server.post(BASE, aRule({ symbols: ['BTCUSDT', 'B TC'] }), await as('names'));
    expect(await readRefusal(refused)).toMatchObject({ status: 400, details: [{ path: 'symbols[1]' }] });
  });

  it('name their channels as those are listed, also where a program writes ids in capitals', async () => {
    const id = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const { rule } = await create(await as('capitals'), { ...aRule(), channelIds: [id.toUpperCase()] });
    expect(rule.channelIds).toEqual([id]);
  });

  it('name a watchlist of their user; only a rule that is off may name none of theirs', async () => {
    const user = await as('watching');
    const rule = { ...aRule(), symbols: { watchlist: 'gone' } };
    const replay = { rule, from: 0, to: 1 };
    for (const [path, body] of [
      [BASE, rule],
      [`${BASE}/replay`, replay],
    ] as const) {
      const refusal = await readRefusal(await server.post(path, body, user));
      expect(refusal).toMatchObject({ status: 400, details: [{ path: 'symbols.watchlist' }] });
    }
    const { id, watchlist } = await create(user, { ...rule, enabled: false });
    expect(watchlist).toBeNull();
    expect((await put(user, id, rule, { 'If-Match': '"1"' })).status).toBe(400);
    expect((await put(user, id, { ...rule, enabled: false }, { 'If-Match': '"1"' })).status).toBe(200);
  });

  it('are not overwritten by a page with an older version', async () => {
    const user = await as('race');
    const { id, rule } = await create(user);
    const changes = ['one', 'two'].map((name) => put(user, id, { ...rule, name }, { 'If-Match': '"1"' }));
    const answers = await Promise.all(changes);
    expect(answers.map((it) => it.status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    const lost = await readRefusal(answers.find((it) => it.status === 412)!);
    expect(lost).toMatchObject({ code: 'rule_changed', message: expect.stringContaining('version 2') });
    expect(await readRefusal(await put(user, id, rule))).toMatchObject({ status: 428 });
    expect((await put(user, id, rule, { 'If-Match': 'W/"2"' })).status).toBe(400);
  });

  it('are inaccessible to other users', async () => {
    const { id, rule } = await create(await as('owner'));
    const other = await as('other');
    expect((await server.get(`${BASE}/${id}`, other)).status).toBe(404);
    expect((await put(other, id, rule, { 'If-Match': '"1"' })).status).toBe(404);
    expect((await remove(other, id)).status).toBe(404);
    expect(await listed(other)).toEqual([]);
  });

  it('are limited by tier: none for Free, 10 for Pro, even for concurrent posts', async () => {
    const free = await server.post(BASE, aRule(), await as('limits', 'free'));
    expect(await readRefusal(free)).toMatchObject({
      status: 403,
      code: 'tier_without_rules',
      message: expect.stringContaining('upgrade to Pro (10 rules)'),
    });
    const user = await as('limits');
    const answers = await Promise.all(Array.from({ length: 12 }, () => server.post(BASE, aRule(), user)));
    expect(answers.filter((it) => it.status === 201)).toHaveLength(10);
    const refused = await readRefusal(answers.find((it) => it.status === 403)!);
    expect(refused).toMatchObject({ code: 'rule_limit', message: expect.stringContaining('delete one') });
    await create(await as('limits', 'elite'));
  });

  it('are inaccessible with API keys, and authorization precedes validation', async () => {
    const nonsense = { thresholdPct: 'much' };
    expect((await server.post(BASE, nonsense, {})).status).toBe(401);
    expect((await server.post(BASE, nonsense, { 'X-API-Key': OPERATOR_KEY })).status).toBe(403);
    expect((await server.post(BASE, nonsense, await as('parsed'))).status).toBe(400);
  });

  it.each([
    [{ quietHours: { from: '23:00', to: '07:00', timeZone: 'Mars/Olympus' } }, 'quietHours.timeZone'],
    [{ quietHours: { from: '24:00', to: '07:00', timeZone: 'UTC' } }, 'quietHours.from'],
    [{ window: '2h' }, 'window'],
    [{ thresholdPct: 0 }, 'thresholdPct'],
    [{ price: { kind: 'flat' } }, 'price.withinPct'],
    [{ channelIds: ['one'] }, 'channelIds[0]'],
    [{ symbols: [] }, 'symbols'],
    [{ theshold: 5 }, 'body'],
  ])('with %j are refused at %s', async (given, path) => {
    const response = await server.post(BASE, { ...aRule(), ...given }, await as('refused'));
    const refusal = await readRefusal(response);
    expect([refusal.status, refusal.details.map((it) => it.path)]).toEqual([400, [path]]);
  });
});

const replace = (path: string, who: As, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...who, ...headers },
    body: JSON.stringify(body),
  });

describe('saved views of a user', () => {
  const PATH = '/api/saved-views';
  const MOVERS = { name: 'Movers', query: 'sort=-d60&abs=1' };

  const save = replace.bind(null, PATH);

  it('are replaced by the version that was read, and belong to their user', async () => {
    const user = await as('views', 'free');
    const empty = await server.get(PATH, user);
    expect(empty.headers.get('etag')).toBe('"0"');
    expect(await empty.json()).toEqual({ views: [], defaultName: null, version: 0 });

    const body = { views: [MOVERS], defaultName: 'Movers' };
    const races = await Promise.all([1, 2, 3].map(() => save(user, body, { 'If-Match': '"0"' })));
    expect(races.map((it) => it.status).sort((a, b) => a - b)).toEqual([200, 412, 412]);
    expect(await getJson(server, PATH, user)).toEqual({ ...body, version: 1 });
    expect(await getJson(server, PATH, await as('other'))).toMatchObject({ views: [] });

    const cleared = await save(user, { views: [] }, { 'If-Match': '"1"' });
    expect(await cleared.json()).toEqual({ views: [], defaultName: null, version: 2 });
    expect((await save(user, body)).status).toBe(428);
    expect((await server.get(PATH)).status).toBe(401);
  });

  it.each([
    ['two views of one name', { views: [MOVERS, MOVERS] }, 'views[1].name'],
    ['a default that is no view', { views: [MOVERS], defaultName: 'None' }, 'defaultName'],
    ['51 views', { views: Array.from({ length: 51 }, (_, i) => ({ ...MOVERS, name: `${i}` })) }, 'views'],
    ['no name', { views: [{ ...MOVERS, name: '' }] }, 'views[0].name'],
  ])('are refused with %s', async (_, body, path) => {
    const refused = await save(await as('refused'), body, { 'If-Match': '"0"' });
    expect(await readRefusal(refused)).toMatchObject({ status: 400, details: [{ path }] });
  });
});

describe('watchlists of a user', () => {
  const PATH = '/api/watchlists';
  const save = replace.bind(null, PATH);
  const MAJORS = { id: 'a1', name: 'Majors', symbols: ['ETHUSDT', 'BTCUSDT', '币安人生USDT'] };

  it('are replaced by the version that was read, and belong to their user', async () => {
    const user = await as('lists', 'free');
    expect(await getJson(server, PATH, user)).toEqual({ lists: [], version: 0 });

    const races = await Promise.all(
      [1, 2, 3].map(() => save(user, { lists: [MAJORS] }, { 'If-Match': '"0"' })),
    );
    expect(races.map((it) => it.status).sort((a, b) => a - b)).toEqual([200, 412, 412]);
    const kept = await server.get(PATH, user);
    expect(kept.headers.get('etag')).toBe('"1"');
    expect(await kept.json()).toEqual({ lists: [MAJORS], version: 1 });
    expect(await getJson(server, PATH, await as('other'))).toEqual({ lists: [], version: 0 });

    const stale = await readRefusal(await save(user, { lists: [] }, { 'If-Match': '"0"' }));
    expect(stale).toMatchObject({ status: 412, code: 'watchlists_changed' });
    expect((await save(user, { lists: [] })).status).toBe(428);
    expect((await server.get(PATH)).status).toBe(401);
  });

  it('keep their largest size', async () => {
    const symbols = Array.from({ length: 500 }, (_, i) => `S${i}USDT`);
    const lists = Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, name: `List ${i}`, symbols }));
    const user = await as('large');
    expect((await save(user, { lists }, { 'If-Match': '"0"' })).status).toBe(200);
    expect(await getJson(server, PATH, user)).toEqual({ lists, version: 1 });
  });

  it.each([
    ['two lists of one id', [MAJORS, { ...MAJORS, name: 'Other' }], 'lists[1].id'],
    ['two lists of one name', [MAJORS, { ...MAJORS, id: 'b' }], 'lists[1].name'],
    ['a symbol twice', [{ ...MAJORS, symbols: ['BTCUSDT', 'BTCUSDT'] }], 'lists[0].symbols[1]'],
    ['a symbol in small letters', [{ ...MAJORS, symbols: ['btcusdt'] }], 'lists[0].symbols[0]'],
    [
      '501 symbols',
      [{ ...MAJORS, symbols: Array.from({ length: 501 }, (_, i) => `S${i}`) }],
      'lists[0].symbols',
    ],
    ['a blank name', [{ ...MAJORS, name: ' ' }], 'lists[0].name'],
    ['an id with a blank', [{ ...MAJORS, id: 'my list' }], 'lists[0].id'],
    ['21 lists', Array.from({ length: 21 }, (_, i) => ({ ...MAJORS, id: `${i}`, name: `${i}` })), 'lists'],
  ])('are refused with %s', async (_, lists, path) => {
    const refused = await save(await as('refused'), { lists }, { 'If-Match': '"0"' });
    expect(await readRefusal(refused)).toMatchObject({ status: 400, details: [{ path }] });
  });
});
