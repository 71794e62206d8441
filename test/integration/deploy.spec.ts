import { afterEach, describe, expect, it } from '@jest/globals';
import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import { createPool } from '../support/pool.ts';
import { openBoardClient, type BoardClient } from '../support/boardClient.ts';
import { symbolNames } from '../support/builders.ts';
import { startPrivatePostgres } from '../support/postgres.ts';
import { startRedisServer } from '../support/redis.ts';
import { TEST_KEYS, createServerBox, type ServerProcess } from '../support/serverProcess.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { judge, startWriters } from '../support/writers.ts';

const NODES = 2;
const POOL_MAX = 4;
/** Postgres reserves three for its superuser; the spec uses two. Old and new nodes share the rest. */
const MAX_CONNECTIONS = 2 * NODES * POOL_MAX + 2 + 3;
/** A balancer checks every few seconds; disconnected clients retry within this time. */
const BACK_WITHIN_MS = 10_000;

const postgres = withOpened(
  () => startPrivatePostgres({ flags: ['-c', `max_connections=${MAX_CONNECTIONS}`] }),
  'remove',
);
const redis = withOpened(startRedisServer, 'stop');
const pool = withOpened(() => createPool({ url: postgres.url, max: 2 }), 'end');
const box = withOpened(createServerBox, 'remove');
const clients: BoardClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await box.killAll();
});

function startNode(port?: number): Promise<ServerProcess> {
  const env = {
    ...TEST_KEYS,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    DATABASE_POOL_MAX: String(POOL_MAX),
    LOG_LEVEL: 'warn',
  };
  return box.start({ env, ...(port === undefined ? {} : { port }) });
}

async function differences(client: BoardClient): Promise<number> {
  const { rows } = await pool.query<{ symbol: string; ts: Date }>(
    'select symbol, ts from open_interest_latest',
  );
  return rows.filter((it) => client.rows.get(it.symbol)?.ts !== it.ts.getTime()).length;
}

describe('a rolling deployment', () => {
  it('D1 D4 P5 loses nothing, reconnects every client, and stays within the connection limit of Postgres', async () => {
    const signer = createTokenSigner({ secret: TEST_KEYS.AUTH_JWT_SECRET });
    const now = Date.now();
    const token = await signer.sign({
      sub: 'viewer',
      tier: 'pro',
      role: 'user',
      issuedAt: now,
      expiresAt: now + 3_600_000,
    });
    let serving = await Promise.all(Array.from({ length: NODES }, () => startNode()));
    await Promise.all(serving.map((it) => it.ready()));
    const everStarted = [...serving];
    for (const { url } of [...serving, ...serving]) clients.push(openBoardClient(url, token));
    let turn = 0;
    const writers = startWriters({
      url: () => serving[(turn += 1) % serving.length]!.url,
      count: 6,
      symbols: (writer) => symbolNames(60, writer * 40),
      pauseMs: 150,
    });

    const ends: unknown[] = [];
    const backMs: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      // Old and new run together until the new ones are ready, as a deployment has it.
      const coming = await Promise.all(Array.from({ length: NODES }, () => startNode()));
      everStarted.push(...coming);
      await Promise.all(coming.map((it) => it.ready()));
      const leaving = serving;
      const floor = writers.acknowledged() + 30;
      await waitFor('writers to go on', () => writers.acknowledged() >= floor);
      for (const node of leaving) node.signal('SIGTERM');
      serving = coming;
      ends.push(...(await Promise.all(leaving.map((it) => it.untilEnd(10_000)))));
      // A disconnected client reconnects to a running node.
      for (const client of clients.splice(0)) client.close();
      const startedAt = performance.now();
      for (const { url } of [...serving, ...serving]) clients.push(openBoardClient(url, token));
      await waitFor('all to show a board', () => clients.every((it) => it.rows.size >= 260), {
        timeoutMs: BACK_WITHIN_MS,
      });
      backMs.push(Math.round(performance.now() - startedAt));
    }
    const history = await writers.stop();
    await waitFor('every dashboard to equal Postgres', async () =>
      (await Promise.all(clients.map(differences))).every((it) => it === 0),
    );
    const verdict = await judge(pool, history);
    process.stdout.write(
      `D1 ${JSON.stringify({ ...verdict, answers: Object.fromEntries(history.answers), backMs })}\n`,
    );
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, latestMismatches: 0 });
    // A poller may be disconnected or receive Retry-After, nothing else.
    expect([...history.answers.keys()].filter((status) => ![200, 0, 503].includes(status))).toEqual([]);
    expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })));
    const faults = everStarted.flatMap((it) =>
      it
        .output()
        .split('\n')
        .filter((line) => /uncaught error|"code":"53300"/.test(line)),
    );
    expect(faults).toEqual([]);
  });
});
