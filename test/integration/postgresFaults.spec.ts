import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { createPool } from '../../src/platform/postgres.ts';
import { aChunk, anAlert, symbolNames } from '../support/builders.ts';
import { startFaultProxy, type FaultProxy } from '../support/faultProxy.ts';
import { createJumpClock, type JumpClock } from '../support/jumpClock.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../support/postgres.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';
import { OPERATOR_KEY, startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { judge, startWriters } from '../support/writers.ts';

const INGEST = '/api/market/open-interest/ingest';
const OPERATOR = { 'X-API-Key': OPERATOR_KEY };

let postgres: PrivatePostgres;
let proxy: FaultProxy;
/** Past the proxy, to look at what is stored. */
let pool: Pool;
let clock: JumpClock;
let server: TestServer;
let token: string;
let watching: TestSocket;
let ts = Date.now() - 3_000_000;

beforeAll(async () => {
  // As some operators set it up: left to itself, this database acknowledges what a crash takes back.
  postgres = await startPrivatePostgres({ flags: ['-c', 'synchronous_commit=off'] });
  proxy = await startFaultProxy(postgres.port);
  pool = createPool({ url: postgres.url, logger: silentLogger });
  clock = createJumpClock();
  server = await startTestServer({ databaseUrl: throughProxy(), clock });
  token = await server.token('pro');
}, 60_000);

afterEach(async () => {
  watching?.close();
  proxy.set({ mode: 'pass' });
  await waitUntilReady();
});

afterAll(async () => {
  await server.close();
  await pool.end();
  await proxy.close();
  await postgres.remove();
});

function throughProxy(): string {
  const url = new URL(postgres.url);
  url.port = String(proxy.port);
  return url.href;
}

async function waitUntilReady(): Promise<void> {
  await waitFor('readiness', async () => {
    clock.jump(2_000);
    return (await server.get('/readyz')).ok;
  });
}

type Chunk = ReturnType<typeof aChunk>;

function nextChunk(symbols: readonly string[] = symbolNames(100)): Chunk {
  ts += 1_000;
  return aChunk(symbols, { ts, item: { openInterest: ts % 1_000_000 } });
}

async function post(
  chunk: Chunk,
): Promise<{ status: number; retryAfter: string | null; ms: number; body: Record<string, unknown> }> {
  const startedAt = performance.now();
  const answer = await server.post(INGEST, chunk);
  const body = (await answer.json()) as Record<string, unknown>;
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    ms: performance.now() - startedAt,
    body,
  };
}

async function storedAt(chunk: Chunk): Promise<number> {
  const { rowCount } = await pool.query('select from open_interest_snapshots where ts = $1', [
    chunk.timestamp,
  ]);
  return rowCount ?? 0;
}

async function watch(): Promise<void> {
  watching = openSocket(server.url, { token });
  await watching.hello();
}

function shows(chunk: Chunk): boolean {
  const shown = watching.updates.flatMap((it) => it.rows);
  return chunk.data.every((item) =>
    shown.some(
      (row) => row.symbol === item['symbol'] && 'ts' in row && row.ts === Date.parse(chunk.timestamp),
    ),
  );
}

describe('while Postgres is stopped', () => {
  it('I6 acknowledges nothing within 5 s, keeps dashboards moving, and a retry fills the gap without duplicates', async () => {
    await watch();
    await postgres.stop();
    try {
      const chunks = Array.from({ length: 8 }, () => nextChunk());
      const answers = await Promise.all(chunks.map(post));
      for (const { status, retryAfter, ms, body } of answers) {
        expect({ status, body }).toMatchObject({
          status: 503,
          body: { error: { code: 'database_unavailable' } },
        });
        expect(Number(retryAfter)).toBeGreaterThan(0);
        expect(ms).toBeLessThan(5_000);
      }
      await waitFor('the newest chunk on the screen', () => shows(chunks.at(-1)!));
      expect((await server.get('/livez')).status).toBe(200);
      await postgres.start();
      for (const chunk of chunks) {
        expect(
          (
            await waitFor('the retry to be taken', async () => {
              const answer = await post(chunk);
              return answer.status === 200 ? answer : null;
            })
          ).body,
        ).toMatchObject({ received: 100, inserted: 100, duplicates: 0 });
        expect(await storedAt(chunk)).toBe(100);
        expect((await post(chunk)).body).toMatchObject({ received: 100, inserted: 0, duplicates: 100 });
        expect(await storedAt(chunk)).toBe(100);
      }
    } finally {
      if (!(await answers())) await postgres.start();
    }
  });

  it('D6 readiness turns red and green again, liveness stays green', async () => {
    expect((await server.get('/readyz')).status).toBe(200);
    await postgres.stop();
    try {
      for (let second = 0; second < 12; second += 2) clock.jump(2_000);
      const red = await waitFor('red', async () => {
        const answer = await server.get('/readyz');
        return answer.status === 503 ? answer : null;
      });
      expect(await red.json()).toMatchObject({ ready: false, state: 'open' });
      expect((await server.get('/livez')).status).toBe(200);
      expect(await (await server.get('/health')).json()).toMatchObject({ status: 'ok', ready: false });
    } finally {
      await postgres.start();
    }
    await waitUntilReady();
  });

  it('I6 every route that needs the database answers 503 with Retry-After, and the board answers from memory', async () => {
    await post(nextChunk());
    await postgres.stop();
    try {
      const bearer = { Authorization: `Bearer ${token}` };
      const calls: [string, Promise<Response>][] = [
        ['alert', server.post('/api/open-interest-alerts/ingest', anAlert({ timestamp: Date.now() }))],
        ['alerts', server.get('/api/open-interest-alerts', bearer)],
        ['history', server.get('/api/market/open-interest/history?symbol=SYM1USDT&range=1h', bearer)],
        ['samples', server.get('/api/market/open-interest/samples?symbol=SYM1USDT', bearer)],
        ['access change', server.post('/api/access/changes', { sub: 'x', tier: 'free' }, OPERATOR)],
        [
          'universe',
          server.post('/api/market/open-interest/liquid-universe/update', {
            symbols: [{ symbol: 'A', quoteVolume24h: 1 }],
          }),
        ],
        ['heartbeat', server.post('/api/collectors/heartbeat', { collector: 'p', everySec: 10, jobs: [] })],
      ];
      for (const [name, call] of calls) {
        const answer = await call;
        expect([name, answer.status, answer.headers.get('retry-after')]).toEqual([
          name,
          503,
          expect.stringMatching(/^\d+$/),
        ]);
      }
      const board = await server.get('/api/market/open-interest/board', bearer);
      expect(((await board.json()) as { rows: unknown[] }).rows.length).toBeGreaterThanOrEqual(100);
      expect((await server.get('/api/market/open-interest/liquid-universe')).status).toBe(200);
      expect((await server.get('/debug/doctor', OPERATOR)).status).toBe(200);
    } finally {
      await postgres.start();
    }
  });
});

describe('while Postgres is black-holed', () => {
  it('I7 answers 503 within 5 s and works again within 2 s, whether it hangs on the wire or in the machine', async () => {
    for (const [hang, wake] of [
      [() => proxy.set({ mode: 'blackhole' }), () => proxy.set({ mode: 'pass' })],
      [() => postgres.pause(), () => postgres.resume()],
    ] as const) {
      await watch();
      await Promise.all(Array.from({ length: 10 }, () => post(nextChunk())));
      hang();
      try {
        // More than the pool has connections: some wait for one, some for an answer.
        const chunks = Array.from({ length: 30 }, () => nextChunk());
        const answers = await Promise.all(chunks.map(post));
        expect(answers.map((it) => it.status)).toEqual(chunks.map(() => 503));
        expect(Math.max(...answers.map((it) => it.ms))).toBeLessThan(5_000);
        expect(answers.every((it) => Number(it.retryAfter) > 0)).toBe(true);
        expect(shows(chunks.at(-1)!)).toBe(true);
      } finally {
        wake();
      }
      const resent = nextChunk();
      await waitFor('ingest to work again', async () => (await post(resent)).status === 200, {
        timeoutMs: 2_000,
      });
      watching.close();
    }
  });
});

describe('when an answer of Postgres is lost', () => {
  it('I2 a chunk that was committed unheard is not stored twice when it is sent again', async () => {
    const verdicts: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      // A connection must be open, else it is the connecting that is cut.
      await post(nextChunk());
      const chunk = nextChunk();
      proxy.set({ mode: 'cutReply', afterBytes: round % 2 === 0 ? 0 : 10 });
      const cut = await post(chunk);
      const committed = (await storedAt(chunk)) === 100;
      verdicts.push(`${cut.status} ${committed ? 'committed' : 'not committed'}`);
      proxy.set({ mode: 'pass' });
      const again = await waitFor('the retry', async () => {
        const answer = await post(chunk);
        return answer.status === 200 ? answer.body : null;
      });
      expect(again).toMatchObject(
        committed ? { inserted: 0, duplicates: 100 } : { inserted: 100, duplicates: 0 },
      );
      expect(await storedAt(chunk)).toBe(100);
    }
    expect(verdicts).toContain('503 committed');
    expect(verdicts.every((it) => it.startsWith('503'))).toBe(true);
  });
});

describe('under load', () => {
  it('P4 I1 P1 survives ended backends and a killed database: nothing acknowledged is lost, nothing stored twice', async () => {
    await pool.query('truncate open_interest_snapshots, open_interest_latest');
    const writers = startWriters({
      url: () => server.url,
      count: 6,
      symbols: (writer) => symbolNames(40, writer * 20),
    });
    for (let round = 0; round < 8; round += 1) {
      const floor = writers.acknowledged() + 20;
      await waitFor('some chunks', () => writers.acknowledged() >= floor);
      await pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
        ['open-interest'],
      );
    }
    await postgres.kill();
    await postgres.start();
    const recoveringSince = performance.now();
    const floor = writers.acknowledged() + 20;
    await waitFor('chunks after the crash', () => writers.acknowledged() >= floor);
    const recoveredMs = performance.now() - recoveringSince;
    const history = await writers.stop();
    const verdict = await judge(pool, history);
    process.stdout.write(
      `P4 ${JSON.stringify({ ...verdict, answers: Object.fromEntries(history.answers), slowestMs: Math.round(history.slowestMs), recoveredMs: Math.round(recoveredMs) })}\n`,
    );
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, latestMismatches: 0 });
    expect(new Set(history.answers.keys())).toEqual(new Set([200, 503]));
    expect(history.slowestMs).toBeLessThan(5_000);
    expect(recoveredMs).toBeLessThan(5_000);
  }, 40_000);
});

describe('a database that is away when the server starts', () => {
  it('D6 is waited for: the server lives, says that it is starting, and becomes ready when the database comes', async () => {
    await post(nextChunk());
    proxy.set({ mode: 'refuse' });
    const late = await startTestServer({ databaseUrl: throughProxy(), notReady: true });
    const patient = openSocket(late.url, {
      token: await late.token('pro'),
      reconnection: true,
      reconnectionDelay: 100,
    });
    try {
      expect((await late.get('/livez')).status).toBe(200);
      const readiness = await late.get('/readyz');
      expect([readiness.status, await readiness.json()]).toEqual([
        503,
        expect.objectContaining({ ready: false, state: 'starting' }),
      ]);
      const refused = await late.post(INGEST, nextChunk());
      expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
        503,
        expect.stringMatching(/^\d+$/),
        { error: expect.objectContaining({ code: 'starting' }) },
      ]);
      const board = await late.get('/api/market/open-interest/board', { Authorization: `Bearer ${token}` });
      expect(board.status).toBe(503);
      await waitFor(
        'the socket to be turned away',
        () => patient.disconnects.length + patient.refusals.length > 0,
      );
      expect(patient.hellos).toEqual([]);
      proxy.set({ mode: 'pass' });
      await late.ready;
      expect((await late.get('/readyz')).status).toBe(200);
      await waitFor('the socket to be let in', () => patient.hellos[0]);
      const rows = ((await patient.sync(null)) as { rows: unknown[] }).rows;
      expect(rows.length).toBeGreaterThanOrEqual(100);
    } finally {
      patient.close();
      await late.close();
    }
  });
});

async function answers(): Promise<boolean> {
  return pool.query('select 1').then(
    () => true,
    () => false,
  );
}
