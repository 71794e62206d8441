import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { z } from 'zod';
import { createPool } from '../../src/platform/postgres.ts';
import { symbolNames } from '../support/builders.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../support/postgres.ts';
import { openRawSocket } from '../support/rawSocket.ts';
import {
  buildServerProgram,
  startServerProcess,
  type Build,
  type ServerProcess,
} from '../support/serverProcess.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { openSocket } from '../support/sockets.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { judge, postChunk, startWriters, type Chunk } from '../support/writers.ts';

const BOARD = '/api/market/open-interest';
const KEYS = {
  INGEST_API_KEYS: INGEST_KEY,
  OPERATOR_API_KEYS: OPERATOR_KEY,
  AUTH_JWT_SECRET: 'a secret of the tests, longer than thirty-two bytes',
  INGEST_RATE_LIMIT_PER_MIN: '0',
};
type StartOptions = Parameters<typeof startServerProcess>[0];

const Cache = z.object({ entries: z.array(z.object({ symbol: z.string(), ts: z.iso.datetime() })) });

let postgres: PrivatePostgres;
let pool: Pool;
let build: Build;
const processes: ServerProcess[] = [];
const folders: string[] = [];

beforeAll(async () => {
  [postgres, build] = await Promise.all([startPrivatePostgres(), buildServerProgram()]);
  pool = createPool({ url: postgres.url, logger: silentLogger });
}, 60_000);

afterEach(async () => {
  await Promise.all(processes.splice(0).map((it) => it.kill()));
});

afterAll(async () => {
  await pool.end();
  await postgres.remove();
  build.remove();
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

async function start(options: Omit<StartOptions, 'program'>): Promise<ServerProcess> {
  const server = await startServerProcess({ program: build.program, ...options });
  processes.push(server);
  return server;
}

function newFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-kill9-'));
  folders.push(folder);
  return folder;
}

async function latestStored(): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ symbol: string; ts: Date }>(
    'select symbol, ts from open_interest_latest',
  );
  return new Map(rows.map((row) => [row.symbol, row.ts.getTime()]));
}

async function latestShown(server: ServerProcess): Promise<Map<string, number>> {
  const answer = await fetch(`${server.url}${BOARD}/cache`, { headers: { 'X-API-Key': OPERATOR_KEY } });
  const { entries } = Cache.parse(await answer.json());
  return new Map(entries.map((it) => [it.symbol, Date.parse(it.ts)]));
}

/** When the process logged this message, epoch ms. */
function loggedAt(server: ServerProcess, message: string): number {
  const line = server
    .output()
    .split('\n')
    .find((it) => it.includes(`"msg":"${message}"`));
  return z.object({ time: z.number() }).parse(JSON.parse(line ?? 'null')).time;
}

/** Symbols of which the board shows nothing, or something older than what is stored. */
function missing(stored: ReadonlyMap<string, number>, shown: ReadonlyMap<string, number>): string[] {
  return [...stored].filter(([symbol, ts]) => (shown.get(symbol) ?? -1) < ts).map(([symbol]) => symbol);
}

describe('kill -9', () => {
  it('I1 C1 D3 loses nothing that was acknowledged, and the board is whole before readiness is green', async () => {
    const env = { ...KEYS, DATABASE_URL: postgres.url };
    let server = await start({ env });
    await server.ready();
    const { port } = server;
    const writers = startWriters({
      url: () => `http://127.0.0.1:${port}`,
      count: 6,
      symbols: (writer) => symbolNames(60, writer * 40),
      once: true,
      pauseMs: 5,
    });
    const startMs: number[] = [];
    const readyMs: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const floor = writers.acknowledged() + 60;
      await waitFor('chunks to be acknowledged', () => writers.acknowledged() >= floor);
      await server.kill();
      const stored = await latestStored();
      const startedAt = performance.now();
      server = await start({ env, port });
      await server.ready();
      startMs.push(Math.round(performance.now() - startedAt));
      readyMs.push(loggedAt(server, 'ready') - loggedAt(server, 'listening'));
      expect(missing(stored, await latestShown(server))).toEqual([]);
    }
    const history = await writers.stop();
    const verdict = await judge(pool, history);
    process.stdout.write(`I1 ${JSON.stringify({ ...verdict, startMs, readyMs })}\n`);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, latestMismatches: 0 });
    expect(verdict.acknowledged).toBeGreaterThanOrEqual(300);
    // From the open port on: how long the program itself takes to load is the machine's business.
    expect(Math.max(...readyMs)).toBeLessThan(5_000);
  }, 60_000);

  it('I1 loses nothing of the embedded store, which dies with the server, and its keys stay the same', async () => {
    const cwd = newFolder();
    let server = await start({ cwd, env: { INGEST_RATE_LIMIT_PER_MIN: '0' } });
    await server.ready();
    const { port } = server;
    const secrets = fs.readFileSync(path.join(cwd, '.data/secrets.json'), 'utf8');
    const { ingestKey } = z.object({ ingestKey: z.string() }).parse(JSON.parse(secrets));
    const acknowledged: Chunk[] = [];
    for (let round = 0; round < 2; round += 1) {
      const writers = startWriters({
        url: () => `http://127.0.0.1:${port}`,
        key: ingestKey,
        count: 4,
        symbols: (writer) => symbolNames(60, writer * 40),
        once: true,
      });
      await waitFor('chunks to be acknowledged', () => writers.acknowledged() >= 60);
      await server.kill();
      acknowledged.push(...(await writers.stop()).acknowledged);
      server = await start({ cwd, port, env: { INGEST_RATE_LIMIT_PER_MIN: '0' } });
      await server.ready();
    }
    expect(fs.readFileSync(path.join(cwd, '.data/secrets.json'), 'utf8')).toBe(secrets);
    // Sent again, a chunk that is stored has nothing left to insert.
    let inserted = 0;
    for (const chunk of acknowledged) inserted += await insertedBy(server, ingestKey, chunk);
    process.stdout.write(
      `I1 embedded ${JSON.stringify({ acknowledged: acknowledged.length, lostSamples: inserted })}\n`,
    );
    expect(inserted).toBe(0);
    server.signal('SIGTERM');
    expect(await server.untilEnd(10_000)).toEqual({ code: 0, signal: null });
  }, 60_000);
});

async function insertedBy(server: ServerProcess, key: string, chunk: Chunk): Promise<number> {
  const answer = await postChunk(server.url, chunk, key);
  return z.object({ inserted: z.number() }).parse(answer.body).inserted;
}

describe('SIGTERM', () => {
  it('D2 ends the process with 0 within 10 s, whoever holds a connection open', async () => {
    const server = await start({ env: { ...KEYS, DATABASE_URL: postgres.url } });
    await server.ready();
    const idle = net.connect(server.port, '127.0.0.1').on('error', () => undefined);
    const slow = net.connect(server.port, '127.0.0.1').on('error', () => undefined);
    slow.write(
      `POST ${BOARD}/ingest HTTP/1.1\r\nHost: x\r\nX-API-Key: ${INGEST_KEY}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"data":`,
    );
    const dashboard = openSocket(server.url);
    await dashboard.hello();
    // It does not read, so it never agrees to a close.
    const frozen = openRawSocket(server.url);
    await frozen.introduce();
    frozen.ws.pause();
    const before = await postChunk(server.url, { ts: Date.now(), symbols: symbolNames(5), openInterest: 1 });
    expect(before.status).toBe(200);

    const startedAt = performance.now();
    server.signal('SIGTERM');
    const how = await server.untilEnd(10_000);
    const ms = performance.now() - startedAt;
    process.stdout.write(`D2 ended after ${Math.round(ms)} ms\n`);
    expect(how).toEqual({ code: 0, signal: null });
    expect(dashboard.disconnects).toEqual(['transport close']);
    for (const socket of [idle, slow]) socket.destroy();
    frozen.ws.terminate();
  });

  it('D2 ends the process with 0 within 10 s while the database does not answer', async () => {
    const server = await start({ env: { ...KEYS, DATABASE_URL: postgres.url } });
    await server.ready();
    postgres.pause();
    try {
      const ts = Date.now();
      const posted = postChunk(server.url, { ts, symbols: ['LASTUSDT'], openInterest: 1 });
      // On the board, so it waits for the database by now.
      await waitFor(
        'the chunk to be under way',
        async () => (await latestShown(server)).get('LASTUSDT') === ts,
      );
      const startedAt = performance.now();
      server.signal('SIGTERM');
      const how = await server.untilEnd(10_000);
      process.stdout.write(
        `D2 without database ended after ${Math.round(performance.now() - startedAt)} ms\n`,
      );
      expect(how).toEqual({ code: 0, signal: null });
      expect((await posted).status).toBe(503);
    } finally {
      postgres.resume();
    }
  });

  it('D2 ends the process with 0 while it is still starting its store, which starts again afterwards', async () => {
    const cwd = newFolder();
    const first = await start({ cwd });
    await waitFor('the start to be under way', () => first.output().includes('keys were made'));
    first.signal('SIGTERM');
    expect(await first.untilEnd(15_000)).toEqual({ code: 0, signal: null });
    const second = await start({ cwd });
    await second.ready();

    const third = await start({ cwd });
    expect(await third.untilEnd(15_000)).toEqual({ code: 1, signal: null });
    expect(third.output()).toMatch(/in use/);
    expect(third.output()).not.toMatch(/^\s+at /m);
  });

  it('D2 ends the process at once when it is sent twice', async () => {
    const server = await start({ env: { ...KEYS, DATABASE_URL: postgres.url } });
    await server.ready();
    const slow = net.connect(server.port, '127.0.0.1').on('error', () => undefined);
    slow.write('GET /health HTTP/1.1\r\nHost: x\r\n');
    await waitFor('the connection', () => slow.bytesWritten > 0);
    server.signal('SIGTERM');
    await waitFor('the first signal to be heard', () => server.output().includes('stopping'));
    const startedAt = performance.now();
    server.signal('SIGTERM');
    await server.untilEnd(2_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    slow.destroy();
  });
});

describe('a start that cannot succeed', () => {
  it('on a database that is not migrated ends with 1 and names the command that migrates it', async () => {
    const empty = await createEmptyDatabase();
    try {
      const server = await start({ env: { ...KEYS, DATABASE_URL: empty.url } });
      expect(await server.untilEnd(10_000)).toEqual({ code: 1, signal: null });
      expect(server.output()).toMatch(/lacks \d+ migrations .*npm run migrate/);
      expect(server.output()).not.toMatch(/^\s+at /m);
    } finally {
      await empty.drop();
    }
  });

  it('D5 with settings that cannot be used ends with 1 and names each of them', async () => {
    const server = await start({
      env: { ...KEYS, DATABASE_URL: postgres.url, AUTH_JWT_SECRET: 'short', OI_RETENTION_DAYS: 'many' },
    });
    expect(await server.untilEnd(10_000)).toEqual({ code: 1, signal: null });
    expect(server.output()).toMatch(/AUTH_JWT_SECRET: .*32 bytes/);
    expect(server.output()).toMatch(/OI_RETENTION_DAYS: /);
    expect(server.output()).not.toContain('short');
  });

  it('D5 on a port that somebody else has ends with 1 and says so', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await waitFor('the port', () => other.address());
    const { port } = other.address() as net.AddressInfo;
    const server = await start({ env: { ...KEYS, DATABASE_URL: postgres.url }, port });
    expect(await server.untilEnd(10_000)).toEqual({ code: 1, signal: null });
    expect(server.output()).toContain(`PORT: ${port} is in use`);
    expect(server.output()).not.toMatch(/^\s+at /m);
    other.close();
  });
});
