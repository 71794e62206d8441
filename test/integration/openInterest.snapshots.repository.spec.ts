import { beforeAll, describe, expect, it } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { maintainPartitions } from '../../src/openInterest/history/partitions.ts';
import { insertSamples } from '../../src/openInterest/history/samples.repository.ts';
import { createDatabase } from '../../src/platform/database/database.ts';
import { aSample, symbolNames } from '../support/builders.ts';
import { silentLogger } from '../support/silentLogger.ts';
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
    // A deadlock ends a statement after a second. The product's own limits, which a busy machine reaches, are lifted.
    const limits = { connectMs: MINUTE_MS, lockMs: MINUTE_MS, statementMs: MINUTE_MS, answerMs: MINUTE_MS };
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
});

function rotate<Item>(items: readonly Item[], by: number, backwards: boolean): Item[] {
  const rotated = [...items.slice(by), ...items.slice(0, by)];
  return backwards ? rotated.toReversed() : rotated;
}
