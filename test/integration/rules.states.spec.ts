import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../../src/kit/clock.ts';
import { deleteIdleStates } from '../../src/openInterest/rules/evaluation.repository.ts';
import { deleteFiringsBefore } from '../../src/openInterest/rules/firings.repository.ts';
import { aRule } from '../support/alertRules.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();
const NOW = Date.UTC(2026, 10, 20, 14);

describe('what rules leave behind', () => {
  it('is deleted where a rule is armed again, or its symbol has left, and no cooldown lasts', async () => {
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

  it('P6 are firings that are deleted in parts, those past retention alone', async () => {
    const { pool, db } = database;
    await pool.query(
      `insert into alert_firings (id, user_id, rule_id, rule_version, rule_name, symbol, change_window, direction, fired_at,
         quiet, evidence)
       select gen_random_uuid(), 'ada', gen_random_uuid(), 1, 'A', 'BTCUSDT', '5m', 'up',
         $1::timestamptz - day * interval '1 day', false, '{}' from generate_series(0, 9) as day`,
      [new Date(NOW)],
    );
    const before = new Date(NOW - 4.5 * DAY_MS);
    const deleted = [3, 3, 3].map((limit) => () => deleteFiringsBefore(db, before, limit));
    const counts: number[] = [];
    for (const next of deleted) counts.push(await next());
    expect(counts).toEqual([3, 2, 0]);
    const left = await pool.query<{ oldest: Date }>('select min(fired_at) as oldest from alert_firings');
    expect(left.rows[0]!.oldest.getTime()).toBe(NOW - 4 * DAY_MS);
  });
});
