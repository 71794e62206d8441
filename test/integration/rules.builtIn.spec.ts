import { beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { Firing } from '../../src/openInterest/delivery/firing.types.ts';
import { BuiltInRule, type BuiltInRuleInput } from '../../src/openInterest/rules/builtInRule.types.ts';
import { upsertSeenAccess } from '../../src/openInterest/rules/userAccess.repository.ts';
import { anAlert } from '../support/builders.ts';
import { bearer, getJson, postChunk, readRefusal } from '../support/openInterestCalls.ts';
import { withFreshServer } from '../support/withServer.ts';

const PATH = '/api/built-in-rule';

const { server, database, clock } = withFreshServer();

let channelId: string;
beforeEach(async () => {
  channelId = await storeChannel('ada');
});

async function storeChannel(userId: string): Promise<string> {
  const settings = { kind: 'webhook', url: 'https://localhost:1/hook' };
  const response = await server.post('/api/alert-channels', { name: 'mine', settings }, await as(userId));
  return z.object({ channel: z.object({ id: z.string() }) }).parse(await response.json()).channel.id;
}

const as = (sub: string, tier: 'free' | 'pro' | 'elite' = 'pro') => bearer(server, tier, { sub });

async function put(sub: string, rule: Partial<BuiltInRuleInput['rule']>, version = 0): Promise<Response> {
  return fetch(server.url + PATH, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...(await as(sub)), 'If-Match': `"${version}"` },
    body: JSON.stringify({ rule }),
  });
}

/** Sends alerts of all symbols to the one channel of the user. */
async function save(given: Partial<BuiltInRuleInput['rule']> = {}, version = 0): Promise<BuiltInRule> {
  const response = await put('ada', { enabled: true, channelIds: [channelId], ...given }, version);
  expect(response.status).toBe(200);
  return BuiltInRule.parse(await response.json());
}

async function postAlert(given: Record<string, unknown> = {}): Promise<void> {
  const alert = { ...anAlert(), timestamp: clock.now(), ...given };
  expect((await server.post('/api/open-interest-alerts/ingest', alert)).status).toBe(200);
}

const Delivery = z.object({
  user: z.string(),
  firing: Firing.omit({ channelIds: true }),
});

async function deliveries() {
  const { rows } = await database.pool.query(
    'select user_id as user, firing from alert_deliveries order by created_at, id',
  );
  return z.array(Delivery).parse(rows);
}

const sentSymbols = async () => (await deliveries()).map((it) => it.firing.symbol);

describe('the rule of the collector’s alerts', () => {
  it('is off until it is saved, and is replaced by its version', async () => {
    const first = await server.get(PATH, await as('ada'));
    expect([first.headers.get('etag'), await first.json()]).toEqual([
      '"0"',
      {
        version: 0,
        rule: { enabled: false, symbols: 'all', direction: 'both', quietHours: null, channelIds: [] },
      },
    ]);
    const saved = await save({ symbols: ['btc-usdt', 'BTCUSDT'], direction: 'up' });
    expect(saved).toMatchObject({ version: 1, rule: { symbols: ['BTCUSDT'], direction: 'up' } });
    expect(await getJson(server, PATH, await as('ada'))).toEqual(saved);
    expect(await readRefusal(await put('ada', { enabled: false }))).toMatchObject({
      status: 412,
      code: 'built_in_rule_changed',
    });
    expect(await save({ enabled: false }, 1)).toMatchObject({ version: 2, rule: { enabled: false } });
    expect(await getJson(server, PATH, await as('eve'))).toMatchObject({ version: 0 });
  });

  it('is refused with the field that is at fault, and for Free', async () => {
    expect(await readRefusal(await put('ada', { enabled: true, symbols: ['???'] }))).toMatchObject({
      details: [{ path: 'symbols[0]' }],
    });
    expect(
      await readRefusal(await put('ada', { enabled: true, symbols: { watchlist: 'gone' } })),
    ).toMatchObject({ details: [{ path: 'symbols.watchlist' }] });
    expect(await readRefusal(await server.get(PATH, await as('ada', 'free')))).toMatchObject({
      status: 403,
      code: 'tier_without_rules',
    });
  });

  it('sends an alert to its channels once, with what the alert and the board say', async () => {
    await postChunk(server, {
      source: 'realtime',
      data: [{ symbol: 'SUIUSDT', openInterest: 430_000_000, markPrice: 2, ts: clock.now() }],
    });
    await save();
    await postAlert();
    await postAlert();
    const [sent, ...others] = await deliveries();
    expect(others).toEqual([]);
    expect(sent).toMatchObject({
      user: 'ada',
      firing: {
        ruleId: 'built-in',
        ruleName: 'Spikes and dumps',
        ruleVersion: 1,
        symbol: 'SUIUSDT',
        window: '5m',
        direction: 'up',
        firedAt: clock.now(),
        evidence: {
          changePct: 4.21,
          changeUsd: 34_800_000,
          base: { ts: clock.now() - 5 * MINUTE_MS, openInterest: 412_600_000 },
          current: { openInterest: 430_000_000, openInterestUsd: 860_000_000 },
          priceChangePct: 0.38,
          reading: 'new_longs',
        },
      },
    });
  });

  it('sends what it names: symbols, a watchlist, directions', async () => {
    await save({ symbols: ['BTCUSDT'], direction: 'down' });
    await postAlert({ symbol: 'BTCUSDT', direction: 'UP' });
    await postAlert({ symbol: 'ETHUSDT', direction: 'DOWN' });
    expect(await sentSymbols()).toEqual([]);
    await postAlert({ symbol: 'BTCUSDT', direction: 'DOWN', timeframe: '7 days' });
    expect((await deliveries()).map((it) => it.firing.window)).toEqual(['7 days']);

    const lists = [{ id: 'majors', name: 'Majors', symbols: ['ETHUSDT'] }];
    const headers = { ...(await as('ada')), 'Content-Type': 'application/json', 'If-Match': '"0"' };
    const body = JSON.stringify({ lists });
    await fetch(`${server.url}/api/watchlists`, { method: 'PUT', headers, body });
    await save({ symbols: { watchlist: 'majors' } }, 1);
    await postAlert({ symbol: 'BTCUSDT', timeframe: '15 min' });
    await postAlert({ symbol: 'ETHUSDT', timeframe: '15 min' });
    expect(await sentSymbols()).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it('sends nothing of what is late, while it is off, of a user without the tier, or to the channel of another user', async () => {
    await save({ channelIds: [await storeChannel('eve')] });
    await postAlert();
    await save({ enabled: false }, 1);
    await postAlert({ symbol: 'ETHUSDT' });
    await save({}, 2);
    await postAlert({ symbol: 'XRPUSDT', timestamp: clock.now() - 16 * MINUTE_MS });
    await upsertSeenAccess(database.db, [{ sub: 'ada', tier: 'free', role: 'user', issuedAt: clock.now() }]);
    await postAlert({ symbol: 'DOGEUSDT' });
    expect(await sentSymbols()).toEqual([]);
    await upsertSeenAccess(database.db, [{ sub: 'ada', tier: 'pro', role: 'user', issuedAt: clock.now() }]);
    await postAlert({ symbol: 'SOLUSDT' });
    expect(await sentSymbols()).toEqual(['SOLUSDT']);
  });

  it('waits for the end of quiet hours', async () => {
    const at = (minutes: number) => new Date(clock.now() + minutes * MINUTE_MS).toISOString().slice(11, 16);
    await save({ quietHours: { from: at(-30), to: at(90), timeZone: 'UTC' } });
    await postAlert();
    const [sent] = await deliveries();
    expect(sent!.firing.quiet).toBe(true);
    const { rows } = await database.pool.query<{ at: Date }>(
      'select next_attempt_at as at from alert_deliveries',
    );
    expect(rows[0]!.at.toISOString().slice(11, 16)).toBe(at(90));
  });

  it('sends nothing while a change of the source’s method waits for its confirmation', async () => {
    await save();
    await database.pool.query(
      `insert into alert_method_changes (factor, symbols, of_symbols, detected_at, valid_from) values (2, 9, 10, now(), now())`,
    );
    await postAlert();
    expect(await sentSymbols()).toEqual([]);
  });
});
