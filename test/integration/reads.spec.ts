import { describe, expect, it } from '@jest/globals';
import { READS_PER_USER } from '../../src/openInterest/history/readLimit.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer } from '../support/withServer.ts';

const HISTORY = '/api/market/open-interest/history?symbol=BTCUSDT&range=7d';
const INGEST = '/api/market/open-interest/ingest';

const { database, server } = withServer();

describe('slow history reads', () => {
  it('I6 D6 do not affect ingest and readiness, and above four per user are 429 with Retry-After', async () => {
    const token = await server.token('pro');
    // Alerts are part of the answer: while their table is locked each reading waits.
    const lock = await database.pool.connect();
    await lock.query('begin; lock table open_interest_alerts in access exclusive mode');
    const ask = () => server.get(HISTORY, { Authorization: `Bearer ${token}` });
    const readings = Array.from({ length: 12 }, ask);
    const chunks: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      chunks.push(
        (await server.post(INGEST, aChunk(symbolNames(20), { ts: Date.now() - n * 1_000 }))).status,
      );
      expect((await server.get('/readyz')).status).toBe(200);
    }
    expect(chunks).toEqual(chunks.map(() => 200));
    await lock.query('rollback');
    lock.release();
    const answers = await Promise.all(readings);
    const refused = answers.filter((it) => it.status === 429);
    expect(refused.length).toBe(12 - READS_PER_USER);
    expect(refused.map((it) => it.headers.get('retry-after'))).toEqual(refused.map(() => '1'));
    await waitFor('a reading that succeeds', async () => (await ask()).ok);
  });
});
