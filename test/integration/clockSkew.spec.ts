import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { symbolNames } from '../support/builders.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { postSweep } from '../support/liveBoard.ts';
import { OPERATOR_KEY, startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();

describe("a node whose clock differs from the database's", () => {
  it.each([
    ['ahead', 2 * MINUTE_MS],
    ['behind', -2 * MINUTE_MS],
  ])('M3 recognizes stored samples, two minutes %s', async (_, skewMs) => {
    const clock = createJumpClock(Date.now() + skewMs);
    const server = await startTestServer({ databaseUrl: database.url, clock });
    const symbols = symbolNames(20);
    await postSweep(server, symbols, clock.now(), 1);
    const line = await waitFor('the line', async () => {
      const text = await (await server.get('/debug/doctor', { 'X-API-Key': OPERATOR_KEY })).text();
      return text.split('\n').find((it) => it.startsWith('stored '));
    });
    expect(line).toMatch(/^stored +20 symbols moved .* ok$/);
    await server.close();
    await database.pool.query('truncate open_interest_snapshots, open_interest_latest');
  });
});
