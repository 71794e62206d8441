import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { symbolNames } from '../support/builders.ts';
import { bringsChunk, startFaultyPostgres } from '../support/faultyPostgres.ts';
import { inTime, waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withSockets } from '../support/withServer.ts';
import { judge, startWriters } from '../support/writers.ts';

const faulty = withOpened(startFaultyPostgres, 'close');
const box = withSockets();
let token: string;
beforeAll(async () => {
  token = await faulty.server.token('pro');
});
afterEach(() => faulty.heal());

describe('while Postgres does not answer', () => {
  it('I7 ingest answers 503 within 5 s and recovers within 2 s, whether the connection or the process hangs', async () => {
    const { postgres, proxy, server, nextChunk, post, postUntilTaken } = faulty;
    for (const [hang, wake] of [
      [() => proxy.set({ mode: 'blackhole' }), () => proxy.set({ mode: 'pass' })],
      [() => postgres.pause(), () => postgres.resume()],
    ] as const) {
      const watching = box.open(server, { token });
      await watching.hello();
      // More than the pool has connections: some wait for one, some for an answer.
      const sendThirty = async () => {
        const chunks = Array.from({ length: 30 }, nextChunk);
        return { last: chunks.at(-1)!, answers: await Promise.all(chunks.map(post)) };
      };
      try {
        const { last, answers } = await inTime(5_000, sendThirty, async () => {
          wake();
          await Promise.all(Array.from({ length: 10 }, () => postUntilTaken(nextChunk())));
          hang();
        });
        expect(answers.map((it) => it.status)).toEqual(answers.map(() => 503));
        expect(answers.every((it) => Number(it.retryAfter) > 0)).toBe(true);
        await waitFor('the newest on the screen', () => bringsChunk(watching, last));
      } finally {
        wake();
      }
      await inTime(
        2_000,
        () => postUntilTaken(nextChunk()),
        async () => {
          hang();
          await sendThirty().finally(wake);
        },
      );
    }
  });
});

describe('under load', () => {
  it('P4 I1 P1 survives ended backends and a killed database: nothing acknowledged is lost or stored twice', async () => {
    const { postgres, pool, server } = faulty;
    await pool.query('truncate open_interest_snapshots, open_interest_latest');
    const writers = startWriters({
      url: () => server.url,
      count: 6,
      symbols: (writer) => symbolNames(40, writer * 20),
    });
    const untilMore = async (): Promise<void> => {
      const floor = writers.acknowledged() + 20;
      await waitFor('more chunks', () => writers.acknowledged() >= floor);
    };
    for (let round = 0; round < 8; round += 1) {
      await untilMore();
      await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'open-interest' and pid <> pg_backend_pid()`,
      );
    }
    await postgres.kill();
    await postgres.start();
    const recoveringSince = performance.now();
    await untilMore();
    const recoveredMs = Math.round(performance.now() - recoveringSince);
    const history = await writers.stop();
    const verdict = await judge(pool, history);
    const slowestMs = Math.round(Math.max(...history.latenciesMs));
    const answers = Object.fromEntries(history.answers);
    process.stdout.write(`P4 ${JSON.stringify({ ...verdict, answers, slowestMs, recoveredMs })}\n`);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, latestMismatches: 0 });
    expect(new Set(history.answers.keys())).toEqual(new Set([200, 503]));
    // The product times out after at most 4 s; the rest is tolerance for a busy machine.
    expect(slowestMs).toBeLessThan(10_000);
  });
});
