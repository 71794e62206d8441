import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { DAY_MS, systemClock } from '../../src/kit/clock.ts';
import { createLogger } from '../../src/kit/logger.ts';
import { dayOf, startOf } from '../../src/openInterest/history/days.ts';
import { HistoryRange } from '../../src/openInterest/history/history.types.ts';
import { makeDays } from '../../src/openInterest/history/partitions.ts';
import type { HistoryTotals } from '../../src/openInterest/history/history.types.ts';
import { selectHistoryTotals } from '../../src/openInterest/history/totals.ts';
import { createDatabase, type Database } from '../../src/platform/database/database.ts';
import { selectRows } from '../../src/platform/database/postgres.ts';
import { runMigrations } from '../../src/platform/database/migrations.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded/embeddedPostgres.ts';
import { createSeededRandom } from '../../test/support/seededRandom.ts';
import { startChild, type Child } from '../children.ts';
import { median } from '../figures.ts';
import { createMarketSamples } from './market.ts';
import { spread, type Times } from './measure.ts';
import { storeBlocks, storeRows, withArrival } from './store.ts';

const DAYS = 365;
const HOT_DAYS = 3;
const READS = 20;

const TableSize = z.object({ name: z.string(), bytes: z.number() });

/** `cpuMs` is that of the server alone, the median. */
type RangeFigures = Times & { range: string; cpuMs: number; buckets: number; bytes: number };

export type YearFigures = {
  symbols: number;
  samples: number;
  totals: HistoryTotals;
  tables: z.infer<typeof TableSize>[];
  ranges: RangeFigures[];
};

/**
 * A year of the simulated market every 10 s: what it takes on disk, and how long the real server takes to answer each range
 * of the chart. `dataDir`: is kept, and a demo or server starts on it; `null`: a folder that is removed.
 */
export async function measureYear(
  { symbols, dataDir }: { symbols: number; dataDir: string | null },
  say: (line: string) => void,
): Promise<YearFigures> {
  const dir = dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'oi-bench-year-')));
  const postgres = await startEmbeddedPostgres({
    dir: path.join(dir, 'postgres'),
    database: 'open_interest',
  });
  const logger = createLogger({ level: 'error', name: 'bench' });
  const limits = { connectMs: 60_000, statementMs: 600_000, answerMs: 610_000 };
  const db = createDatabase({ url: postgres.url, max: 4, logger, limits });
  try {
    await runMigrations({ url: postgres.url });
    const now = systemClock.now();
    const stored = await storeYear(db, now, symbols, say);
    await db.query('analyze');
    const totals = await selectHistoryTotals(db, startOf(dayOf(now)) - HOT_DAYS * DAY_MS);
    const tables = await selectRows(db, TableSize, TABLE_SIZES);
    const server = await startChild('./ownServer.ts', { env: { DATABASE_URL: postgres.url } });
    try {
      const ranges = await readRanges(server, stored.symbols);
      return { symbols: stored.symbols.length, samples: stored.samples, totals, tables, ranges };
    } finally {
      server.stop();
    }
  } finally {
    await db.end();
    await postgres.stop();
    if (dataDir === null) await rm(dir, { recursive: true, force: true });
  }
}

export function describeYear({ symbols, samples, totals, tables, ranges }: YearFigures): string[] {
  const { hot, cold } = totals;
  const hotSamples = samples - cold.samples;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `${samples} samples of ${symbols} symbols in ${DAYS} days and today`,
    `cold  ${mb(cold.bytes)} for ${cold.samples} samples in ${cold.blocks} blocks: ${(cold.bytes / cold.samples).toFixed(2)} bytes each`,
    `hot   ${mb(hot.bytes)} for ${hotSamples} samples: ${(hot.bytes / hotSamples).toFixed(1)} bytes each`,
    ...tables.map(({ name, bytes }) => `${name.padEnd(28)} ${mb(bytes)}`),
    ...ranges.map(
      ({ range, p50, p99, cpuMs, buckets, bytes }) =>
        `${range.padEnd(4)} ${p50.toFixed(1)} ms (p99 ${p99.toFixed(1)}), ${cpuMs.toFixed(1)} ms CPU of the server, ${buckets} buckets, ${(bytes / 1e3).toFixed(0)} kB`,
    ),
  ];
}

/** Day by day, as compaction writes: the blocks of a symbol lie between those of all others. */
async function storeYear(db: Database, now: number, count: number, say: (line: string) => void) {
  const today = startOf(dayOf(now));
  const firstHot = today - HOT_DAYS * DAY_MS;
  const market = createMarketSamples(today, count);
  const random = createSeededRandom(2);
  let samples = 0;
  for (let day = today - DAYS * DAY_MS; day <= today; day += DAY_MS) {
    if (day >= firstHot) await makeDays(db, [day]);
    const waiting = market.symbols.entries();
    // Postgres stores one symbol while the next one is made and encoded.
    const store = async (): Promise<void> => {
      for (const [i, symbol] of waiting) {
        const polled = market.samplesOf(i, day, Math.min(day + DAY_MS, now));
        const arrived = polled.map((it) => ({ symbol, ...withArrival(it, random) }));
        samples += arrived.length;
        if (day < firstHot) await storeBlocks(db, symbol, arrived);
        else await storeRows(db, arrived);
      }
    };
    await Promise.all([store(), store()]);
    const past = DAYS - (today - day) / DAY_MS;
    if (past > 0 && past % 73 === 0) say(`stored ${past} of ${DAYS} days`);
  }
  return { symbols: market.symbols, samples };
}

/** One symbol after the other, and the ranges take turns. The first round warms up. */
async function readRanges(server: Child, symbols: readonly string[]): Promise<RangeFigures[]> {
  const cpuMs = async (): Promise<number> => {
    const { user, system } = await server.ask<NodeJS.CpuUsage>({});
    return (user + system) / 1e3;
  };
  const contestants = HistoryRange.options.map((range) => ({
    ...{ range, times: [] as number[], cpu: [] as number[], buckets: 0, bytes: 0 },
  }));
  for (let read = -1; read < READS; read += 1) {
    for (const it of contestants) {
      const symbol = symbols[Math.max(0, read) % symbols.length]!;
      const before = await cpuMs();
      const startedAt = performance.now();
      const answer = await fetch(
        `http://127.0.0.1:${server.port}/api/market/open-interest/history?symbol=${symbol}&range=${it.range}`,
        { headers: { Authorization: `Bearer ${server.token}` } },
      );
      const text = await answer.text();
      if (read >= 0) {
        it.times.push(performance.now() - startedAt);
        it.cpu.push((await cpuMs()) - before);
      }
      if (!answer.ok) throw new Error(`${it.range} of ${symbol} was answered ${answer.status}: ${text}`);
      it.bytes = Buffer.byteLength(text);
      it.buckets = (JSON.parse(text) as { t: unknown[] }).t.length;
    }
  }
  return contestants.map(({ times, cpu, ...it }) => ({ ...it, ...spread(times), cpuMs: median(cpu) }));
}

/** Of a table in partitions, the sum of them. */
const TABLE_SIZES = `
  select coalesce(parent.relname, relation.relname)::text as name,
    sum(pg_total_relation_size(relation.oid))::float8 as bytes
  from pg_class as relation
  left join pg_inherits on inhrelid = relation.oid
  left join pg_class as parent on parent.oid = inhparent
  where relation.relkind = 'r' and relation.relnamespace = 'public'::regnamespace
  group by 1 having sum(pg_total_relation_size(relation.oid)) > 100000
  order by 2 desc`;
