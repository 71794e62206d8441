import { beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import {
  confirmMethodChanges,
  deleteIdleStates,
  insertMethodChange,
  selectMethodChanges,
  upsertStates,
} from '../../src/openInterest/rules/evaluation.repository.ts';
import { deleteFiringsBefore } from '../../src/openInterest/rules/firings.repository.ts';
import {
  insertRule,
  selectRules,
  updateOptionalRule,
} from '../../src/openInterest/rules/rules.repository.ts';
import type { Queryable } from '../../src/platform/database/postgres.ts';
import { aRule } from '../support/alertRules.ts';
import { isWaiting } from '../support/database.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();
const NOW = Date.UTC(2026, 10, 20, 14);

beforeEach(() => database.clear());

/** One each day up to `last`. */
const insertFirings = (days: number, last: Date) =>
  database.pool.query(
    `insert into alert_firings (id, user_id, rule_id, rule_version, rule_name, symbol, change_window, direction, fired_at,
       quiet, evidence)
     select gen_random_uuid(), 'ada', gen_random_uuid(), 1, 'A', 'BTCUSDT', '5m', 'up',
       $2::timestamptz - day * interval '1 day', false, '{}' from generate_series(0, $1::int - 1) as day`,
    [days, last],
  );

describe('upkeep of rules', () => {
  it('C5 deletes states of rules that are armed again, or whose symbol has left, once no cooldown lasts', async () => {
    const { pool, db } = database;
    await pool.query(
      `insert into open_interest_latest (symbol, ts, source, open_interest)
       select symbol, now(), 'realtime', 1 from unnest(array['IDLE', 'RECENT', 'FIRED', 'HELD']) as symbol`,
    );
    const rule = await pool.query<{ id: string }>(
      `insert into alert_rules (user_id, rule) values ('ada', $1) returning id`,
      [JSON.stringify(aRule())],
    );
    for (const [symbol, armed, heldBack, days] of [
      ['IDLE', true, false, 9],
      ['RECENT', true, false, 6],
      ['FIRED', false, false, 9],
      ['HELD', true, true, 9],
      ['GONE', false, false, 9],
    ] as const) {
      await pool.query('insert into alert_rule_states values ($1, $2, $3, $4, null, $5)', [
        ...[rule.rows[0]!.id, symbol, armed, heldBack, new Date(NOW - days * DAY_MS)],
      ]);
    }
    const before = new Date(NOW - 8 * DAY_MS);
    expect([await deleteIdleStates(db, before, 1), await deleteIdleStates(db, before, 9)]).toEqual([1, 1]);
    const left = await pool.query<{ symbol: string }>('select symbol from alert_rule_states order by symbol');
    expect(left.rows.map((it) => it.symbol)).toEqual(['FIRED', 'HELD', 'RECENT']);
  });

  it('P6 deletes the firings past retention in parts, and no others', async () => {
    const { pool, db } = database;
    await insertFirings(10, new Date(NOW));
    const before = new Date(NOW - 4.5 * DAY_MS);
    const deleted = [3, 3, 3].map((limit) => () => deleteFiringsBefore(db, before, limit));
    const counts: number[] = [];
    for (const next of deleted) counts.push(await next());
    expect(counts).toEqual([3, 2, 0]);
    const left = await pool.query<{ oldest: Date }>('select min(fired_at) as oldest from alert_firings');
    expect(left.rows[0]!.oldest.getTime()).toBe(NOW - 4 * DAY_MS);
  });

  it('P6 M3 keeps what is within retention, also on a node whose clock is years ahead', async () => {
    await insertFirings(2, new Date());
    await insertFirings(1, new Date(Date.now() - 500 * DAY_MS));
    const clock = createJumpClock(Date.now() + 1_000 * DAY_MS);
    const server = await startTestServer({ databaseUrl: database.url, clock });
    try {
      clock.jump(HOUR_MS);
      const count = async () => (await database.pool.query('select from alert_firings')).rowCount!;
      await waitFor('the deletion of the oldest', async () => (await count()) < 3);
      expect(await count()).toBe(2);
    } finally {
      await server.close();
    }
  });

  it('D7 lists rules with their last firing without reading the others', async () => {
    const { pool } = database;
    const { rows } = await pool.query<{ id: string }>(
      `insert into alert_rules (user_id, rule) values ('ada', $1) returning id`,
      [JSON.stringify(aRule())],
    );
    // Among those of thousands of other rules.
    await insertFirings(5_000, new Date(NOW));
    const last = new Date(NOW - 4_500 * DAY_MS);
    await pool.query('update alert_firings set rule_id = $1 where fired_at <= $2', [rows[0]!.id, last]);
    await pool.query('vacuum analyze alert_firings');
    const plans: unknown[] = [];
    const explained: Queryable = {
      async query(sql, params) {
        plans.push((await pool.query(`explain (analyze, format json) ${sql}`, params)).rows);
        return pool.query(sql, params);
      },
    };
    expect(await selectRules(explained, 'ada')).toMatchObject([{ lastFiredAt: last.getTime() }]);
    const [, ofFirings = ''] = JSON.stringify(plans).split('"Relation Name":"alert_firings"');
    const read = ofFirings.matchAll(/"(?:Actual Rows|Rows Removed by Filter)":(\d+)/g);
    expect(Math.max(...Array.from(read, ([, count]) => Number(count)))).toBe(1);
  });

  it('are not stored for a rule that is being changed: the changed rule begins without them', async () => {
    const { db, pool } = database;
    const stored = await insertRule(db, 'ada', aRule());
    const state = { armed: false, heldBack: false, peakPct: 6, lastFiredAt: NOW };
    const client = await pool.connect();
    try {
      await client.query('begin');
      await updateOptionalRule(client, 'ada', { id: stored.id, version: 1, rule: aRule({ name: 'B' }) });
      let isStored = false;
      const storing = upsertStates(db, [{ ruleId: stored.id, version: 1, symbol: 'BTCUSDT', state }]);
      void storing.then(() => (isStored = true));
      await waitFor('the states to be stored or to wait', async () => isStored || (await isWaiting(pool)));
      await client.query('commit');
      await storing;
    } finally {
      client.release();
    }
    expect((await pool.query('select from alert_rule_states')).rowCount).toBe(0);
  });

  it('stores a change of method once, although it is detected by two nodes and evaluated again', async () => {
    const { db } = database;
    const change = { factor: 2, symbols: 9, ofSymbols: 10, detectedAt: NOW, validFrom: NOW + 6 * MINUTE_MS };
    await insertMethodChange(db, change);
    await confirmMethodChanges(db, NOW + MINUTE_MS);
    await insertMethodChange(db, change);
    await insertMethodChange(db, { ...change, detectedAt: NOW + 2 * MINUTE_MS });
    expect((await selectMethodChanges(db)).map((it) => it.confirmedAt)).toEqual([NOW + MINUTE_MS]);
    await insertMethodChange(db, { ...change, detectedAt: NOW + 7 * MINUTE_MS });
    await insertMethodChange(db, { ...change, factor: 0.5 });
    expect(await selectMethodChanges(db)).toHaveLength(3);
  });
});
