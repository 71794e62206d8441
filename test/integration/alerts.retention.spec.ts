import { describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS } from '../../src/kit/clock.ts';
import { deleteAlertsBefore } from '../../src/openInterest/alerts/alerts.repository.ts';
import { deleteJournalBefore } from '../../src/openInterest/universe/universe.repository.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();
/** Days of age. */
const AGES = [0, 1, 399, 401, 402, 403];

async function fill(): Promise<void> {
  await database.clear();
  await database.pool.query(
    `insert into open_interest_alerts (symbol, direction, timeframe, baseline, current, pct_change, abs_change, source, ts)
     select 'BTCUSDT', 'UP', '5 min', 1, 2, 1, 1, 'spec', now() - age * interval '1 day' from unnest($1::int[]) as age`,
    [AGES],
  );
  await database.pool.query(
    `insert into open_interest_liquid_journal (symbol, event, reason, at)
     select 'BTCUSDT', 'left', 'volume', now() - age * interval '1 day' from unnest($1::int[]) as age`,
    [AGES],
  );
}

async function agesLeft(): Promise<number[][]> {
  const { rows } = await database.pool.query<{ ages: number[] }>(
    `select array_agg(round(extract(epoch from now() - at) / 86400)::int order by at desc) as ages
     from (select 'alert', ts from open_interest_alerts union all select 'journal', at from open_interest_liquid_journal)
       as kept (name, at)
     group by name order by name`,
  );
  return rows.map((it) => it.ages);
}

describe('alerts and the journal of the universe', () => {
  it('P6 M3 are kept as long as history, also by a node whose clock is years ahead', async () => {
    await fill();
    const clock = createJumpClock(Date.now() + 1_000 * DAY_MS);
    const server = await startTestServer({ databaseUrl: database.url, clock });
    try {
      clock.jump(HOUR_MS);
      await waitFor('the deletion of the oldest', async () => (await agesLeft()).flat().length <= 6);
      expect(await agesLeft()).toEqual([
        [0, 1, 399],
        [0, 1, 399],
      ]);
    } finally {
      await server.close();
    }
  });

  it('P6 are deleted in parts, the oldest first', async () => {
    await fill();
    const before = new Date(Date.now() - 400 * DAY_MS);
    for (const deleteBefore of [deleteAlertsBefore, deleteJournalBefore]) {
      expect(await deleteBefore(database.db, before, 2)).toBe(2);
    }
    expect(await agesLeft()).toEqual([
      [0, 1, 399, 401],
      [0, 1, 399, 401],
    ]);
  });
});
