import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DAY_MS, HOUR_MS, systemClock } from '../../src/kit/clock.ts';
import { createLogger } from '../../src/kit/logger.ts';
import { compactDays } from '../../src/openInterest/history/compaction.ts';
import { dayOf, startOf } from '../../src/openInterest/history/days.ts';
import { makeDays } from '../../src/openInterest/history/partitions.ts';
import { insertSamples } from '../../src/openInterest/history/insertSamples.repository.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { createDatabase } from '../../src/platform/database/database.ts';
import { symbolNames } from '../../test/support/builders.ts';
import { auditHistory, withoutTransactions, type HistoryVerdict } from '../../test/support/historyAudit.ts';
import { createPool } from '../../test/support/pool.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../../test/support/postgres.ts';
import { compilePrograms, programFile } from '../../test/support/programs.ts';
import { createSeededRandom } from '../../test/support/seededRandom.ts';
import { createServerBox, TEST_KEYS } from '../../test/support/serverProcess.ts';
import { postChunk } from '../../test/support/writers.ts';
import { createMarketSamples } from './market.ts';

const DAYS = 5;
const VICTIMS = ['compaction', 'server', 'postgres'] as const;

export type KillFigures = HistoryVerdict & {
  killed: Record<(typeof VICTIMS)[number], number>;
  blocks: number;
  /** What the checker reports of a compaction that deletes rows and does not write them. */
  sabotaged: HistoryVerdict;
};

/**
 * Kills (`kill -9`) a compaction, the server and all of Postgres in turn at random moments, while old days are compacted and
 * chunks are posted to one of those days; then compacts what is left and compares both tiers with what was acknowledged.
 */
export async function measureKills(kills: number): Promise<KillFigures> {
  const postgres = await startPrivatePostgres();
  const box = createServerBox();
  const random = createSeededRandom(3);
  const killed = { compaction: 0, server: 0, postgres: 0 };
  try {
    const from = startOf(dayOf(systemClock.now())) - 20 * DAY_MS;
    const acked = await storeOldDays(postgres.url, from);
    await compilePrograms(box.newFolder());
    const env = { ...TEST_KEYS, DATABASE_URL: postgres.url };
    let server = await box.start({ env });
    await server.ready();
    const { port, url } = server;
    const ingest = startIngest(url, from + (DAYS - 1) * DAY_MS + DAY_MS / 2);
    const compactions = startCompactions(postgres.url);

    for (let i = 0; i < kills; i += 1) {
      await delay(300 + random() * 1_500);
      const victim = VICTIMS[i % VICTIMS.length]!;
      if (victim === 'compaction') compactions.kill();
      if (victim === 'server') {
        await server.kill();
        server = await box.start({ env, port });
      }
      if (victim === 'postgres') {
        await postgres.kill();
        await postgres.start();
      }
      killed[victim] += 1;
      await server.ready();
    }
    acked.push(...(await ingest.stop()));
    await compactions.finish();
    // The server compacts too, and tiers that change while they are read look doubled.
    await server.kill();
    return { killed, ...(await judgeTiers(postgres, acked, from)) };
  } finally {
    await box.remove();
    await postgres.remove();
  }
}

/** Two hours of 40 symbols on each of some days. */
async function storeOldDays(url: string, from: number): Promise<Sample[]> {
  const db = openDatabase(url);
  const acked: Sample[] = [];
  for (let day = 0; day < DAYS; day += 1) {
    const at = from + day * DAY_MS;
    const market = createMarketSamples(at, 40);
    await makeDays(db, [at]);
    for (const [i] of market.symbols.entries()) {
      const samples = market.samplesOf(i, at, at + 2 * HOUR_MS);
      await insertSamples(db, samples);
      acked.push(...samples);
    }
  }
  await db.end();
  return acked;
}

/** Posts chunk after chunk, each until it is acknowledged; `stop` returns the samples of them. */
function startIngest(url: string, from: number) {
  const symbols = symbolNames(20);
  const acked: Sample[] = [];
  let isOver = false;
  const done = (async () => {
    for (let ts = from; !isOver; ts += 1_000) {
      const chunk = { ts, symbols, openInterest: (ts / 1_000) % 1e6 };
      while ((await postChunk(url, chunk)).status !== 200) await delay(50);
      for (const symbol of symbols) {
        const { openInterest } = chunk;
        const values = { openInterest, openInterestUsd: 2_000, markPrice: 2, fundingRate: null };
        acked.push({ symbol, ts, source: 'realtime', ...values });
      }
      await delay(20);
    }
  })();
  return {
    async stop(): Promise<Sample[]> {
      isOver = true;
      await done;
      return acked;
    },
  };
}

/** Runs `history compact` again and again; `finish` ends with a run that succeeds. */
function startCompactions(url: string) {
  let child: ChildProcess | undefined;
  let isOver = false;
  async function compact(): Promise<boolean> {
    child = spawn(process.execPath, [programFile('dist/server/history.js'), 'compact'], {
      env: { PATH: process.env['PATH'], DATABASE_URL: url },
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0;
  }
  const done = (async () => {
    while (!isOver) await compact();
  })();
  return {
    kill: () => void child?.kill('SIGKILL'),
    async finish(): Promise<void> {
      isOver = true;
      await done;
      if (!(await compact())) throw new Error('the last compaction failed');
    },
  };
}

async function judgeTiers(
  { url }: PrivatePostgres,
  acked: readonly Sample[],
  from: number,
): Promise<HistoryVerdict & { blocks: number; sabotaged: HistoryVerdict }> {
  const db = openDatabase(url);
  const pool = createPool({ url, max: 2 });
  try {
    const verdict = await auditHistory(pool, acked);
    const { rows } = await pool.query<{ blocks: number }>(
      'select count(*)::int as blocks from open_interest_hours',
    );
    // The checker must notice what a compaction in one transaction prevents.
    const more = await storeOldDays(url, from - DAYS * DAY_MS);
    const { signal } = new AbortController();
    const sabotage = withoutTransactions(db, /insert into open_interest_hours/);
    await compactDays({ db: sabotage, signal }, from);
    const sabotaged = await auditHistory(pool, [...acked, ...more]);
    if (sabotaged.lost === 0) throw new Error('the checker does not notice lost samples');
    return { ...verdict, blocks: rows[0]!.blocks, sabotaged };
  } finally {
    await pool.end();
    await db.end();
  }
}

function openDatabase(url: string) {
  const limits = { statementMs: 60_000, answerMs: 61_000 };
  return createDatabase({ url, max: 2, logger: createLogger({ level: 'error', name: 'bench' }), limits });
}
