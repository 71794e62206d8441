import { beforeAll, describe, expect, it } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { maintainPartitions } from '../../src/openInterest/history/partitions.ts';
import { insertSamples } from '../../src/openInterest/history/insertSamples.repository.ts';
import { createDatabase } from '../../src/platform/database/database.ts';
import { aSample, symbolNames } from '../support/builders.ts';
import { PATIENT_LIMITS } from '../support/database.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase } from '../support/withServer.ts';

const WRITERS = 8;
const SWEEPS = 30;
const NOW = aSample().ts;

const database = withDatabase();
beforeAll(() => maintainPartitions(database.db, NOW, 2));

describe('insertSamples', () => {
  // Long enough for statements that lock rows in orders of their own to meet: each then waits for the other, and one of
  // them is refused after a second.
  it('I8 locks rows in one order, for any input order', async () => {
    const symbols = symbolNames(343);
    // A deadlock ends a statement after a second; a lock may take longer on a busy machine.
    const limits = { ...PATIENT_LIMITS, lockMs: MINUTE_MS };
    const db = createDatabase({ url: database.url, max: WRITERS, logger: silentLogger, limits });
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      let inserted = 0;
      for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
        const order = rotate(symbols, (writer * 61 + sweep * 17) % 343, writer % 2 === 0);
        const ts = NOW - sweep * SECOND_MS;
        const stored = await insertSamples(
          db,
          order.map((symbol) => aSample({ symbol, ts })),
        );
        inserted += stored.inserted;
      }
      return inserted;
    });
    const inserted = await Promise.all(writers);
    await db.end();
    expect(inserted.reduce((sum, it) => sum + it, 0)).toBe(SWEEPS * symbols.length);
  });

  it('updates the latest sample of a symbol without a write to an index', async () => {
    const symbols = symbolNames(200);
    /** Updates of the table, and those that were heap-only. */
    async function updatesOf(sweeps: number): Promise<{ all: number; heapOnly: number }> {
      const before = await readUpdates();
      // Counts of a connection are complete when it has ended.
      const db = createDatabase({
        url: database.url,
        max: 1,
        logger: silentLogger,
        limits: PATIENT_LIMITS,
      });
      for (let sweep = 0; sweep <= sweeps; sweep += 1) {
        clockMs += SECOND_MS;
        const ts = clockMs;
        await insertSamples(
          db,
          symbols.map((symbol) => aSample({ symbol, ts })),
        );
      }
      await db.end();
      const all = before.all + sweeps * symbols.length;
      await waitFor('the counts to be complete', async () => (await readUpdates()).all >= all);
      const after = await readUpdates();
      return { all: after.all - before.all, heapOnly: after.heapOnly - before.heapOnly };
    }

    let clockMs = NOW;
    // While another session, such as one that analyzes a table, has an old snapshot, pages keep their dead rows and become full.
    let heapOnlyShare = 0;
    for (let attempt = 0; attempt < 5 && heapOnlyShare <= 0.95; attempt += 1) {
      const { all, heapOnly } = await updatesOf(10);
      expect(all).toBeGreaterThanOrEqual(2_000);
      heapOnlyShare = heapOnly / all;
    }
    expect(heapOnlyShare).toBeGreaterThan(0.95);

    // An index on a column that every update changes is what this must notice.
    await database.pool.query('create index sabotage on open_interest_latest (updated_at)');
    expect(await updatesOf(3)).toMatchObject({ heapOnly: 0 });
  });
});

async function readUpdates(): Promise<{ all: number; heapOnly: number }> {
  const { rows } = await database.pool.query<{ all: number; heapOnly: number }>(
    `select n_tup_upd::int as all, n_tup_hot_upd::int as "heapOnly"
     from pg_stat_user_tables where relname = 'open_interest_latest'`,
  );
  return rows[0]!;
}

function rotate<Item>(items: readonly Item[], by: number, backwards: boolean): Item[] {
  const rotated = [...items.slice(by), ...items.slice(0, by)];
  return backwards ? rotated.toReversed() : rotated;
}
