import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { BoardBody } from '../../src/openInterest/openInterest.types.ts';
import { symbolNames } from '../support/builders.ts';
import { startUrlProxy } from '../support/faultProxy.ts';
import { postSweep } from '../support/liveBoard.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase, withSockets } from '../support/withServer.ts';

const SYMBOLS = symbolNames(343);

const database = withDatabase();
const proxy = withOpened(() => startUrlProxy(database.url), 'close');
const box = withSockets();
let node: TestServer | undefined;

beforeAll(async () => {
  const earlier = await startTestServer({ databaseUrl: database.url });
  await postSweep(earlier, SYMBOLS, Date.now() - 60_000, 1_000);
  await earlier.close();
});

afterEach(async () => {
  proxy.set({ mode: 'pass' });
  await node?.close();
});

describe('a starting node', () => {
  it('D6 is alive without its database, reports that it is starting, and becomes ready when the database is available', async () => {
    proxy.set({ mode: 'refuse' });
    const late = (node = await startTestServer({ databaseUrl: proxy.url, notReady: true }));
    const patient = box.open(late, {
      token: await late.token('pro'),
      reconnection: true,
      reconnectionDelay: 100,
    });
    expect((await late.get('/livez')).status).toBe(200);
    const readiness = await late.get('/readyz');
    expect([readiness.status, await readiness.json()]).toEqual([
      503,
      expect.objectContaining({ ready: false, state: 'starting' }),
    ]);
    await waitFor(
      'the socket to be turned away',
      () => patient.disconnects.length + patient.refusals.length > 0,
    );
    expect(patient.hellos).toEqual([]);
    proxy.set({ mode: 'pass' });
    await late.ready;
    expect((await late.get('/readyz')).status).toBe(200);
    await waitFor('the socket to be let in', () => patient.hellos[0]);
    expect(((await patient.sync(null)) as BoardBody).rows).toHaveLength(SYMBOLS.length);
  });

  it('C1 shows the whole board or none, however slowly the database answers', async () => {
    proxy.set({ mode: 'pass', latencyMs: 40 });
    const slow = (node = await startTestServer({ databaseUrl: proxy.url, notReady: true }));
    const token = await slow.token('pro');
    const seen: string[] = [];
    await waitFor(
      'readiness',
      async () => {
        const board = await slow.get('/api/market/open-interest/board', { Authorization: `Bearer ${token}` });
        const { rows } = (await board.json()) as Partial<BoardBody>;
        const { ok } = await slow.get('/readyz');
        seen.push(`${board.status} ${rows?.length ?? 'none'}`);
        return ok;
      },
      // It makes some hundred round trips.
      { timeoutMs: 60_000 },
    );
    const body: unknown = await (
      await slow.get('/api/market/open-interest/board', { Authorization: `Bearer ${token}` })
    ).json();
    expect((body as BoardBody).rows).toHaveLength(SYMBOLS.length);
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen.slice(0, -1))).toEqual(new Set(['503 none']));
  });
});
