import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { anAlert } from '../support/builders.ts';
import { bringsChunk, startFaultyPostgres } from '../support/faultyPostgres.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withSockets } from '../support/withServer.ts';

const OPERATOR = { 'X-API-Key': OPERATOR_KEY };

const faulty = withOpened(startFaultyPostgres, 'close');
const box = withSockets();
let token: string;
beforeAll(async () => {
  token = await faulty.server.token('pro');
});
afterEach(() => faulty.heal());

describe('while Postgres is stopped', () => {
  it('I6 L5 ingest acknowledges nothing, dashboards keep updating, and a retry fills the gap without duplicates', async () => {
    const { postgres, server, nextChunk, post, postUntilTaken, storedAt } = faulty;
    const watching = box.open(server, { token });
    await watching.hello();
    await postgres.stop();
    const chunks = Array.from({ length: 8 }, nextChunk);
    for (const { status, retryAfter, ms, body } of await Promise.all(chunks.map(post))) {
      expect({ status, body }).toMatchObject({
        status: 503,
        body: { error: { code: 'database_unavailable' } },
      });
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(ms).toBeLessThan(5_000);
    }
    await waitFor('the newest chunk on the screen', () => bringsChunk(watching, chunks.at(-1)!));
    expect((await server.get('/livez')).status).toBe(200);

    await postgres.start();
    for (const chunk of chunks) {
      expect(await postUntilTaken(chunk)).toMatchObject({ received: 100, inserted: 100, duplicates: 0 });
      expect((await post(chunk)).body).toMatchObject({ received: 100, inserted: 0, duplicates: 100 });
      expect(await storedAt(chunk)).toBe(100);
    }
  });

  it('D6 readiness turns red and green again, liveness stays green', async () => {
    const { postgres, server, clock } = faulty;
    expect((await server.get('/readyz')).status).toBe(200);
    await postgres.stop();
    for (let second = 0; second < 12; second += 2) clock.jump(2_000);
    const red = await waitFor('red', async () => {
      const answer = await server.get('/readyz');
      return answer.status === 503 ? answer : null;
    });
    expect(await red.json()).toMatchObject({ ready: false, state: 'open' });
    expect((await server.get('/livez')).status).toBe(200);
    expect(await (await server.get('/health')).json()).toMatchObject({ status: 'ok', ready: false });
    await faulty.heal();
  });

  it('I6 every route that needs the database answers 503 with Retry-After, and the board and the server facts are served from memory', async () => {
    const { postgres, server, nextChunk, postUntilTaken } = faulty;
    await postUntilTaken(nextChunk());
    await postgres.stop();
    const bearer = { Authorization: `Bearer ${token}` };
    const market = '/api/market/open-interest';
    const members = { symbols: [{ symbol: 'A', quoteVolume24h: 1 }] };
    const beat = { collector: 'p', everySec: 10, jobs: [] };
    const calls: [string, Promise<Response>][] = [
      ['alert', server.post('/api/open-interest-alerts/ingest', anAlert({ timestamp: Date.now() }))],
      ['alerts', server.get('/api/open-interest-alerts', bearer)],
      ['history', server.get(`${market}/history?symbol=SYM1USDT&range=1h`, bearer)],
      ['samples', server.get(`${market}/samples?symbol=SYM1USDT`, bearer)],
      ['access change', server.post('/api/access/changes', { sub: 'x', tier: 'free' }, OPERATOR)],
      ['universe', server.post(`${market}/liquid-universe/update`, members)],
      ['heartbeat', server.post('/api/collectors/heartbeat', beat)],
    ];
    for (const [name, call] of calls) {
      const answer = await call;
      expect([name, answer.status, answer.headers.get('retry-after')]).toEqual([
        name,
        503,
        expect.stringMatching(/^\d+$/),
      ]);
    }
    const board = await server.get(`${market}/board`, bearer);
    expect(((await board.json()) as { rows: unknown[] }).rows.length).toBeGreaterThanOrEqual(100);
    expect((await server.get(`${market}/liquid-universe`)).status).toBe(200);
    expect((await server.get(`${market}/dashboard`)).status).toBe(200);
    expect((await server.get('/debug/doctor', OPERATOR)).status).toBe(200);
  });
});

describe('when a response of Postgres is lost', () => {
  it('I2 a committed chunk is not stored twice when it is sent again', async () => {
    const { proxy, nextChunk, post, postUntilTaken, storedAt } = faulty;
    const verdicts: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      // A connection must be open, else it is the connecting that is cut.
      await postUntilTaken(nextChunk());
      const chunk = nextChunk();
      proxy.set({ mode: 'cutReply', afterBytes: round % 2 === 0 ? 0 : 10 });
      const { status } = await post(chunk);
      const committed = (await storedAt(chunk)) === 100;
      verdicts.push(`${status} ${committed ? 'committed' : 'not committed'}`);
      proxy.set({ mode: 'pass' });
      expect(await postUntilTaken(chunk)).toMatchObject(
        committed ? { inserted: 0, duplicates: 100 } : { inserted: 100, duplicates: 0 },
      );
      expect(await storedAt(chunk)).toBe(100);
    }
    expect(verdicts).toContain('503 committed');
    expect(verdicts.every((it) => it.startsWith('503'))).toBe(true);
  });
});
