import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createPool } from '../support/pool.ts';
import { symbolNames } from '../support/builders.ts';
import { startPrivatePostgres } from '../support/postgres.ts';
import { TEST_KEYS, createServerBox, readBoardTimes, type ServerProcess } from '../support/serverProcess.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { judge, postChunk, startWriters, type Chunk } from '../support/writers.ts';

const postgres = withOpened(() => startPrivatePostgres(), 'remove');
const pool = withOpened(() => createPool({ url: postgres.url }), 'end');
const box = withOpened(createServerBox, 'remove');

afterEach(() => box.killAll());

async function latestStored(): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ symbol: string; ts: Date }>(
    'select symbol, ts from open_interest_latest',
  );
  return new Map(rows.map((row) => [row.symbol, row.ts.getTime()]));
}

/** When the process logged this message, epoch ms. Its output is piped and can arrive later than its responses. */
async function loggedAt(server: ServerProcess, message: string): Promise<number> {
  const lines = () => server.output().split('\n').slice(0, -1);
  const find = () => lines().find((it) => it.includes(`"msg":"${message}"`));
  await waitFor(`the line "${message}"`, () => find() !== undefined);
  return z.object({ time: z.number() }).parse(JSON.parse(find()!)).time;
}

/** Symbols of which the board shows nothing, or something older than what is stored. */
function missing(stored: ReadonlyMap<string, number>, shown: ReadonlyMap<string, number>): string[] {
  return [...stored].filter(([symbol, ts]) => (shown.get(symbol) ?? -1) < ts).map(([symbol]) => symbol);
}

describe('kill -9', () => {
  it('I1 C1 D3 loses nothing that was acknowledged, and the board is complete before readiness is green', async () => {
    const env = { ...TEST_KEYS, DATABASE_URL: postgres.url };
    let server = await box.start({ env });
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
      server = await box.start({ env, port });
      await server.ready();
      startMs.push(Math.round(performance.now() - startedAt));
      readyMs.push((await loggedAt(server, 'ready')) - (await loggedAt(server, 'listening')));
      expect(missing(stored, await readBoardTimes(server))).toEqual([]);
    }
    const history = await writers.stop();
    const verdict = await judge(pool, history);
    process.stdout.write(`I1 ${JSON.stringify({ ...verdict, startMs, readyMs })}\n`);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, latestMismatches: 0 });
    expect(verdict.acknowledged).toBeGreaterThanOrEqual(300);
    // From the open port on: the load time of the program depends on the machine.
    expect(Math.min(...readyMs)).toBeLessThan(5_000);
  });

  it('I1 loses nothing of the embedded database, which dies with the server, keeps its keys, and warns in production', async () => {
    const cwd = box.newFolder();
    let server = await box.start({ cwd, env: { INGEST_RATE_LIMIT_PER_MIN: '0' } });
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
      expect(server.output()).not.toContain('DATABASE_URL');
      server = await box.start({ cwd, port, env: { INGEST_RATE_LIMIT_PER_MIN: '0' } });
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

    // DATABASE_URL may have been forgotten in production.
    server = await box.start({ cwd, port, env: { NODE_ENV: 'production' } });
    await server.ready();
    expect(server.output()).toMatch(/"level":40.*DATABASE_URL/);
  });
});

async function insertedBy(server: ServerProcess, key: string, chunk: Chunk): Promise<number> {
  const answer = await postChunk(server.url, chunk, key);
  return z.object({ inserted: z.number() }).parse(answer.body).inserted;
}
