import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BoardBody, type BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { createTestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';

/** One symbol with a sample at each age, in minutes, and the contracts it had then. */
const PAST: readonly (readonly [ageMin: number, openInterest: number])[] = [
  [24 * 60 + 1, 800],
  [600, 700],
  [61, 900],
  [60, 1_000],
  [15, 1_050],
  [5, 1_090],
  [0, 1_100],
];

describe('changes in a board row', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({ databaseUrl: database.url });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  async function readRow(): Promise<BoardRow> {
    const response = await server.get('/api/market/open-interest/board', {
      authorization: `Bearer ${await server.token('pro')}`,
    });
    const { rows } = BoardBody.parse(await response.json());
    return rows[0] as BoardRow;
  }

  it('cover 5 min, 15 min, 1 h and 24 h, for any order of arrival, and survive a restart', async () => {
    const now = Date.now();
    const data = PAST.map(([ageMin, openInterest]) => ({
      symbol: 'BTCUSDT',
      openInterest,
      markPrice: 10,
      ts: now - ageMin * 60_000,
    }));
    // The newest first: late samples fill the past, and the next sample shows the changes.
    for (const item of data.toReversed()) {
      expect(
        (await server.post('/api/market/open-interest', { source: 'realtime', data: [item] })).status,
      ).toBe(200);
    }
    const next = { symbol: 'BTCUSDT', openInterest: 1_100, markPrice: 10, ts: now + 1 };
    await server.post('/api/market/open-interest', { source: 'realtime', data: [next] });

    const before = await readRow();
    expect(before.d).toEqual([92, 476, 1_000, 3_750]);
    expect(before.dUsd).toEqual(before.d);
    expect(before.p).toEqual([0, 0, 0, 0]);
    expect(Buffer.from(before.spark!, 'base64')).toHaveLength(48);

    await server.close();
    server = await startTestServer({ databaseUrl: database.url });
    const after = await readRow();
    expect({ d: after.d, dUsd: after.dUsd, p: after.p, spark: after.spark }).toEqual({
      d: before.d,
      dUsd: before.dUsd,
      p: before.p,
      spark: before.spark,
    });
  });
});
