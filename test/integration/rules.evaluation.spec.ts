import { beforeEach, describe, expect, it } from '@jest/globals';
import { selectHeldRules, selectRulesRevision } from '../../src/openInterest/rules/evaluation.repository.ts';
import type { OpenInterestAlert } from '../../src/openInterest/openInterest.types.ts';
import type { AlertFiring } from '../../src/openInterest/rules/alertFiring.types.ts';
import type { AlertRule } from '../../src/openInterest/rules/rules.types.ts';
import { aRule } from '../support/alertRules.ts';
import { anAlert, symbolNames } from '../support/builders.ts';
import { bearer, getJson, postChunk, readMetric } from '../support/openInterestCalls.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { listFirings, postValues, storeRule, untilEvaluated } from '../support/ruleServer.ts';
import { OPERATOR_KEY, startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withFreshServer, withSockets } from '../support/withServer.ts';

const MINUTE = 60_000;
const SETTLE = 'SETTLEUSDT';
const fresh = withFreshServer({ newClock: createJumpClock });
const { clock, database } = fresh;
const box = withSockets();

const userOf = (sub = 'ada') => bearer(fresh.server, 'pro', { sub });

/** Stores a rule and waits until the node evaluates it. */
async function addRule(rule = aRule(), sub = 'ada'): Promise<AlertRule> {
  const stored = await storeRule(fresh.server, rule, sub);
  await untilEvaluated(fresh);
  return stored;
}

const evaluates = (server = fresh.server) => untilEvaluated({ server, clock, database });

const post = (values: Parameters<typeof postValues>[1], ageMs = 0, server = fresh.server) =>
  postValues({ server, clock }, values, ageMs);

const one = (openInterest: number, symbol = 'BTCUSDT') => [{ symbol, openInterest }];

async function firingsOf(sub = 'ada', server = fresh.server): Promise<AlertFiring[]> {
  return (await listFirings(server, sub)).filter((it) => sub === 'last' || it.symbol !== SETTLE);
}

/** Fires a rule of another user: whatever the rows before it fire has been stored then. */
async function settled(): Promise<void> {
  await post(one(100, SETTLE), 5 * MINUTE);
  await post(one(140, SETTLE));
  await waitFor('the last firing', async () => (await firingsOf('last')).length === 1);
}

describe('a rule on the server', () => {
  beforeEach(async () => {
    await addRule(aRule({ thresholdPct: 30, cooldownMin: 0 }), 'last');
  });

  it('A1 fires with its evidence: stored, queued for its channels, pushed to the live sockets of its user only', async () => {
    const { rows } = await database.pool.query<{ id: string }>(
      `insert into alert_channels (user_id, name, kind, receiver, secrets, hint)
       values ('ada', 'mine', 'webhook', 'example.com', '', '') returning id`,
    );
    const rule = await addRule(aRule({ channelIds: [rows[0]!.id], leastUsd: 600 }));
    const pushed: AlertFiring[] = [];
    const foreign: AlertFiring[] = [];
    for (const [sub, tier, into] of [
      ['ada', 'pro', pushed],
      ['ada', 'free', foreign],
      ['eve', 'pro', foreign],
    ] as const) {
      const token = await fresh.server.token(tier, { sub });
      const socket = box.open(fresh.server, { token });
      socket.socket.on('alert-rule-fired', (firing) => into.push(firing));
      await socket.hello();
    }
    await post(one(1_000), 5 * MINUTE);
    await post(one(1_060));
    const firing = await waitFor('the push', () => pushed[0]);
    expect(await firingsOf()).toEqual([firing]);
    expect(firing).toMatchObject({
      ruleId: rule.id,
      ruleVersion: 1,
      ruleName: 'Large moves',
      symbol: 'BTCUSDT',
      window: '5m',
      direction: 'up',
      quiet: false,
      evidence: {
        changePct: 6,
        changeUsd: 600,
        base: { openInterest: 1_000, openInterestUsd: 10_000 },
        current: { openInterest: 1_060, openInterestUsd: 10_600, ts: firing.firedAt },
        priceChangePct: 0,
        fundingRate: 0.0001,
        reading: 'building',
        unusual: null,
      },
    });
    expect(firing.evidence.coverage).toBeGreaterThan(0);
    const queued = await database.pool.query<{ firing_id: string }>('select firing_id from alert_deliveries');
    expect(queued.rows).toEqual([{ firing_id: firing.id }]);
    expect((await getJson(fresh.server, '/api/alert-rules', await userOf())) as object).toMatchObject({
      rules: [{ lastFiredAt: firing.firedAt }],
    });
    await settled();
    expect(foreign).toEqual([]);
  });

  it('has what followed it after 5, 15 and 60 minutes, as a built-in alert has', async () => {
    await addRule();
    await post(one(1_000), 5 * MINUTE);
    await post(one(1_060));
    const { firedAt } = await waitFor('the firing', async () => (await firingsOf())[0]);
    const alert = anAlert({ symbol: 'BTCUSDT', timestamp: firedAt });
    await fresh.server.post('/api/open-interest-alerts/ingest', alert);
    const afters = async () => {
      const { alerts } = (await getJson(fresh.server, '/api/open-interest-alerts', await userOf())) as {
        alerts: OpenInterestAlert[];
      };
      return [alerts[0]!.after, (await firingsOf())[0]!.after];
    };
    expect(await afters()).toEqual([[], []]);
    clock.jump(5 * MINUTE + 5_000);
    const fiveMinutes = { minutes: 5, oiChange: 0.05, priceChange: 0.1 };
    await post([{ symbol: 'BTCUSDT', openInterest: 1_113, markPrice: 11 }], clock.now() - firedAt - 299_000);
    await post(one(1_200));
    await waitFor('the first look', async () => {
      clock.jump(4_000);
      return (await afters()).every(([first]) => first !== undefined);
    });
    expect(await afters()).toEqual([[fiveMinutes], [fiveMinutes]]);
    clock.jump(60 * MINUTE);
    await waitFor('the last look', async () => {
      clock.jump(4_000);
      return (await afters()).every((it) => it.length === 3);
    });
    const unknown = { oiChange: null, priceChange: null };
    const all = [fiveMinutes, { minutes: 15, ...unknown }, { minutes: 60, ...unknown }];
    expect(await afters()).toEqual([all, all]);
  });

  it('in quiet hours is stored and listed, and queued for their end; for none if they last the whole day', async () => {
    const timeOfDay = (at: number) => new Date(at).toISOString().slice(11, 16);
    const [from, to] = [timeOfDay(clock.now() - 60 * MINUTE), timeOfDay(clock.now() + 60 * MINUTE)];
    const { rows } = await database.pool.query<{ id: string }>(
      `insert into alert_channels (user_id, name, kind, receiver, secrets, hint)
       values ('ada', 'mine', 'webhook', 'example.com', '', '') returning id`,
    );
    const channelIds = [rows[0]!.id];
    await addRule(aRule({ channelIds, quietHours: { from, to: from, timeZone: 'UTC' } }), 'eve');
    await addRule(aRule({ channelIds, quietHours: { from, to, timeZone: 'UTC' } }));
    await post(one(1_000), 5 * MINUTE);
    await post(one(1_060));
    for (const sub of ['ada', 'eve']) {
      await waitFor('the firing', async () => (await firingsOf(sub)).length === 1);
      expect((await firingsOf(sub))[0]!.quiet).toBe(true);
    }
    const queued = await database.pool.query<{ at: Date; quiet: boolean; keys: string[] }>(
      `select next_attempt_at as at, (firing->>'quiet')::boolean as quiet,
         array(select jsonb_object_keys(firing)) as keys from alert_deliveries`,
    );
    expect(queued.rows).toHaveLength(1);
    expect([timeOfDay(queued.rows[0]!.at.getTime()), queued.rows[0]!.quiet]).toEqual([to, true]);
    expect(queued.rows[0]!.keys).not.toContain('sendAt');
  });

  it('P7 fires beside a rule of a later version, which rests and is not listed', async () => {
    await addRule();
    await database.pool.query(
      `insert into alert_rules (user_id, rule) select user_id, rule || '{"moon": "full"}' from alert_rules
       where user_id = 'ada'`,
    );
    await fresh.restart();
    await waitFor('the evaluation of the others', async () => {
      clock.jump(1_000);
      return (await readMetric(fresh.server, 'oi_rules_held')) === 2;
    });
    await post(one(1_000), 5 * MINUTE);
    await post(one(1_060));
    await waitFor('the firing', async () => (await firingsOf()).length === 1);
    const { rules } = (await getJson(fresh.server, '/api/alert-rules', await userOf())) as {
      rules: AlertRule[];
    };
    expect(rules.map((it) => it.rule)).toEqual([aRule()]);
  });

  it('fires nothing in shadow mode', async () => {
    await addRule(aRule({ cooldownMin: 0 }));
    await fresh.restart({ env: { OPEN_INTEREST_REALTIME_ENABLED: 'false' } });
    await evaluates();
    await post(one(1_000), 5 * MINUTE);
    await post(one(1_060));
    const renewedAt = async () =>
      (await database.pool.query<{ at: Date }>('select renewed_at as at from alert_evaluator')).rows[0]!.at;
    // The lease is renewed after what was there to evaluate before.
    const before = await renewedAt();
    clock.jump(4_000);
    await waitFor('the lease to be renewed', async () => (await renewedAt()) > before);
    expect(await firingsOf()).toEqual([]);
  });

  it('neither repeats nor loses a firing over a restart', async () => {
    await addRule(aRule({ cooldownMin: 0 }));
    await post([...one(1_000), ...one(500, 'ETHUSDT')], 5 * MINUTE);
    await post(one(1_060));
    await waitFor('the firing', async () => (await firingsOf()).length === 1);
    await fresh.restart();
    await evaluates();
    await post([...one(1_062), ...one(530, 'ETHUSDT')]);
    await waitFor('the second firing', async () => (await firingsOf()).length === 2);
    await settled();
    expect((await firingsOf()).map((it) => it.symbol)).toEqual(['ETHUSDT', 'BTCUSDT']);
  });

  it('does not fire on late rows or backfill, or when it is disabled', async () => {
    await addRule(aRule());
    await addRule(aRule({ enabled: false }), 'off');
    // Every ten seconds, so that a sample of two minutes ago is late.
    for (const age of [450, 440, 430, 420]) await post(one(1_000), age * 1_000);
    await post(one(1_100), 2 * MINUTE);
    const data = [{ symbol: 'BTCUSDT', openInterest: 1_200, ts: clock.now(), source: 'backfill' }];
    await postChunk(fresh.server, { source: 'backfill', data });
    await settled();
    expect([await firingsOf(), await firingsOf('off')]).toEqual([[], []]);
  });

  it('does not fire on a single zero, or on the return from it', async () => {
    await addRule(aRule({ cooldownMin: 0 }));
    await post(one(1_000), 5 * MINUTE);
    for (const value of [1_000, 0, 1_001, 1_000]) await post(one(value));
    await settled();
    expect(await firingsOf()).toEqual([]);
  });

  it('is suspended for all users when many symbols move by one factor, until an operator confirms it', async () => {
    await addRule(aRule({ cooldownMin: 0 }));
    const all = symbolNames(10);
    const valuesOf = (openInterest: number) => all.map((symbol) => ({ symbol, openInterest }));
    await post(valuesOf(100), 5 * MINUTE);
    await post(valuesOf(100));
    await post(valuesOf(200));
    await post(valuesOf(201));
    await waitFor('the change', async () => {
      const { rowCount } = await database.pool.query('select from alert_method_changes');
      return rowCount === 1;
    });
    expect(await firingsOf()).toEqual([]);

    const confirm = () =>
      fresh.server.post('/api/alert-rules/method-changes/confirm', undefined, { 'X-API-Key': OPERATOR_KEY });
    const { confirmed } = (await (await confirm()).json()) as { confirmed: { factor: number }[] };
    expect(confirmed).toMatchObject([{ factor: 2, symbols: 10, ofSymbols: 10 }]);
    clock.jump(7 * MINUTE);
    await post(valuesOf(201));
    await post(valuesOf(202));
    clock.jump(5 * MINUTE);
    await post([{ symbol: all[0]!, openInterest: 220 }]);
    await waitFor('the firing', async () => (await firingsOf()).length > 0);
    expect((await firingsOf()).map((it) => [it.symbol, it.evidence.base.openInterest])).toEqual([
      [all[0], 202],
    ]);
  });

  it('is suspended as well when the factor changed while no node ran', async () => {
    await addRule(aRule({ cooldownMin: 0 }));
    const valuesOf = (openInterest: number) => symbolNames(10).map((symbol) => ({ symbol, openInterest }));
    await post(valuesOf(100), 5 * MINUTE);
    await post(valuesOf(100));
    await fresh.restart();
    await evaluates();
    await post(valuesOf(200));
    await post(valuesOf(201));
    await waitFor('the change', async () => {
      const { rowCount } = await database.pool.query('select from alert_method_changes');
      return rowCount === 1;
    });
    expect(await firingsOf()).toEqual([]);
  });

  it('compares with no value that was taken back before a restart', async () => {
    await addRule(aRule({ cooldownMin: 0 }));
    await post(one(1_000), 5 * MINUTE + 20_000);
    await post(one(10_000), 5 * MINUTE);
    await post(one(1_000), 5 * MINUTE - 20_000);
    await fresh.restart();
    await evaluates();
    await post(one(1_000), 2_000);
    await settled();
    expect(await firingsOf()).toEqual([]);
  });

  it('remembers what another node fired while this one was paused and its lease had expired', async () => {
    const rule = await addRule(aRule({ cooldownMin: 0 }));
    await post(one(1_000), 5 * MINUTE);
    await database.db.transaction(async (db) => {
      await db.query(`update alert_evaluator set node = 'gone', renewed_at = now() - interval '1 minute'`);
      await db.query(
        `insert into alert_rule_states (rule_id, symbol, armed, held_back, peak_pct, last_fired_at)
         values ($1, 'BTCUSDT', false, false, 6, to_timestamp($2::float8 / 1000))`,
        [rule.id, clock.now() - MINUTE],
      );
    });
    await waitFor('the lease to be taken back', async () => {
      clock.jump(1_000);
      const { rowCount } = await database.pool.query(`select from alert_evaluator where node <> 'gone'`);
      return rowCount === 1;
    });
    await post(one(1_061));
    await settled();
    expect(await firingsOf()).toEqual([]);
  });

  it('is switched off with a reason when it fires thousands of times, until it is saved again', async () => {
    const rule = aRule({ thresholdPct: 0.01, rearmShare: 1, cooldownMin: 0 });
    const { id } = await addRule(rule);
    const valuesOf = (factor: number) =>
      symbolNames(450).map((symbol, i) => ({ symbol, openInterest: (1_000 + i) * factor }));
    for (const age of [20_000, 10_000, 0]) await post(valuesOf(1), 5 * MINUTE + age);
    const read = async () => {
      const answer = await fresh.server.get(`/api/alert-rules/${id}`, await userOf());
      return (await answer.json()) as AlertRule;
    };
    for (let round = 0; round < 40 && (await read()).rule.enabled; round += 1) {
      await post(valuesOf(round % 2 === 0 ? 1.001 : 0.999));
    }
    const off = await waitFor('the end', async () => {
      const it = await read();
      return it.rule.enabled ? undefined : it;
    });
    expect(off).toMatchObject({ version: 2, offReason: 'it fired more than 5,000 times within an hour' });
    const counted = await database.pool.query<{ n: number }>('select count(*)::int as n from alert_firings');
    expect(counted.rows[0]!.n).toBeLessThan(5_000 + 3 * 450);
    const saved = await fetch(`${fresh.server.url}/api/alert-rules/${id}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', ...(await userOf()), 'If-Match': '"2"' },
      body: JSON.stringify({ ...rule, thresholdPct: 5 }),
    });
    expect(await saved.json()).toMatchObject({ version: 3, offReason: null, rule: { enabled: true } });
  });

  it('L7 has its evaluation on a line of doctor: by which node, its last window, why it fails', async () => {
    const lineOfDoctor = async () => {
      const text = await (await fresh.server.get('/debug/doctor', { 'X-API-Key': OPERATOR_KEY })).text();
      return text.split('\n').find((it) => it.startsWith('alerts')) ?? '';
    };
    await addRule(aRule({ enabled: false }), 'off');
    await post(one(1_000));
    await waitFor('the evaluated window', async () => {
      clock.jump(1_000);
      return /1 of 2 rules enabled, evaluated by \S+:\d+:\w+, last window \S+ ago; 0 deliveries wait +ok$/.test(
        await lineOfDoctor(),
      );
    });
    await database.pool.query(`alter table alert_rule_states rename to away`);
    await database.pool.query(`update alert_rules set version = version + 1`);
    try {
      await waitFor('the fault', async () => {
        clock.jump(4_000);
        return /evaluation has failed for .*alert_rule_states.* DEGRADED .*read the log of/.test(
          await lineOfDoctor(),
        );
      });
    } finally {
      await database.pool.query(`alter table away rename to alert_rule_states`);
    }
    await waitFor('the repair', async () => {
      clock.jump(4_000);
      return (await lineOfDoctor()).endsWith('ok');
    });
  });

  it('that names a watchlist follows its content, and watches nothing once the list is deleted', async () => {
    const { server } = fresh;
    const user = await userOf();
    async function putList(version: number, symbols: readonly string[] | null): Promise<void> {
      const body = JSON.stringify({ lists: symbols ? [{ id: 'mine', name: 'Mine', symbols }] : [] });
      const headers = { 'Content-Type': 'application/json', ...user, 'If-Match': `"${version}"` };
      const response = await fetch(`${server.url}/api/watchlists`, { method: 'PUT', headers, body });
      expect(response.status).toBe(200);
    }
    const watched = async () =>
      (await selectHeldRules(database.db)).rules.find((it) => it.userId === 'ada')!.rule.symbols;
    const listed = async () =>
      ((await getJson(server, '/api/alert-rules', user)) as { rules: AlertRule[] }).rules[0]!.watchlist;
    async function raise(symbol: string): Promise<void> {
      await post(one(1_000, symbol), 5 * MINUTE);
      await post(one(1_060, symbol));
    }

    await putList(0, ['BTCUSDT']);
    await server.post('/api/alert-rules', { ...aRule(), symbols: { watchlist: 'mine' } }, user);
    await evaluates();
    await raise('ETHUSDT');
    await raise('BTCUSDT');
    await waitFor('the firing', async () => (await firingsOf()).length > 0);
    expect((await firingsOf()).map((it) => it.symbol)).toEqual(['BTCUSDT']);

    const late = symbolNames(20);
    await putList(1, late);
    expect(await listed()).toEqual({ name: 'Mine', symbols: late });
    let next = 0;
    await waitFor('a firing of the new content', async () => {
      clock.jump(4_000);
      await raise(late[next++]!);
      return (await firingsOf()).length > 1;
    });

    const revision = await selectRulesRevision(database.db);
    await putList(2, null);
    expect(await selectRulesRevision(database.db)).not.toBe(revision);
    expect([await listed(), await watched()]).toEqual([null, []]);
  });

  it('is evaluated by one of two nodes; the other continues where it stopped', async () => {
    await addRule(aRule({ cooldownMin: 0 }));
    await post(one(1_000), 5 * MINUTE);
    await post(one(1_060));
    await waitFor('the firing', async () => (await firingsOf()).length === 1);
    const other = await startTestServer({ databaseUrl: database.url, clock });
    try {
      clock.jump(4_000);
      await post(one(1_061));
      expect(await readMetric(other, 'oi_rules_held')).toBe(0);
      await fresh.server.close();
      await evaluates(other);
      await post(one(1_062), 0, other);
      await post(one(900), 0, other);
      await waitFor('the second firing', async () => (await firingsOf('ada', other)).length === 2);
      expect((await firingsOf('ada', other)).map((it) => it.direction)).toEqual(['down', 'up']);
    } finally {
      await other.close();
    }
  });
});
