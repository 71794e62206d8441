import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DAY_MS, SECOND_MS, systemClock } from '../src/kit/clock.ts';
import { createLogger } from '../src/kit/logger.ts';
import { dayOf, startOf } from '../src/openInterest/history/days.ts';
import { HourRow } from '../src/openInterest/history/hours.repository.ts';
import { makeDays } from '../src/openInterest/history/partitions.ts';
import type { Replays } from '../src/openInterest/rules/replays.ts';
import { aRule } from '../test/support/alertRules.ts';
import { compilePrograms, programFile } from '../test/support/programs.ts';
import { createUniverse } from '../src/openInterest/universe/universe.ts';
import { createDatabase, type Database } from '../src/platform/database/database.ts';
import { runMigrations } from '../src/platform/database/migrations.ts';
import { columnOf } from '../src/platform/database/postgres.ts';
import { startEmbeddedPostgres } from '../src/platform/embedded/embeddedPostgres.ts';
import { createSeededRandom } from '../test/support/seededRandom.ts';
import { createMarketSamples } from './history/market.ts';
import { storeBlocks, storeRows, withArrival } from './history/store.ts';
import { cpuMs } from './turns.ts';

/** Of the liquid universe. */
const ALL_SYMBOLS = 343;
/** So many are simulated, chosen evenly from those with the most to those with the least volume; the others are copies of them. */
const SIMULATED = 24;
const DAYS = 30;
const HOT_DAYS = 3;
/** The simulator makes so many different days of a symbol; they repeat, each beginning at the value the last one ended with. */
const MARKET_DAYS = 3;
const RULES = [
  { window: '24h', thresholdPct: 20 },
  { window: '4h', thresholdPct: 10 },
  { window: '4h', thresholdPct: 15 },
  { window: '1h', thresholdPct: 10 },
  { window: '30m', thresholdPct: 8 },
  { window: '15m', thresholdPct: 5 },
  { window: '5m', thresholdPct: 5 },
] as const;

type ReplayOfRule = {
  rule: string;
  sec: number;
  /** Of the node with the replay's thread. */
  cpuSec: number;
  /** How long the event loop of the node was blocked at most. */
  blockedMs: number;
  firings: number;
  /** Of the firings that are listed, with all of their evidence. */
  checksum: string;
  evaluated: number;
  skipped: number;
};

type Stored = { symbols: number; samples: number; to: number };

export type ReplayFigures = Omit<Stored, 'to'> & { replays: ReplayOfRule[] };

/**
 * One rule after the other over 30 days of the simulated market, 27 of them in hour blocks and 3 as rows. `dataDir`: is kept,
 * and used as it is the next time; `null`: a folder that is removed.
 */
export async function measureReplay({
  symbols,
  dataDir,
}: {
  symbols: number;
  dataDir: string | null;
}): Promise<ReplayFigures> {
  const dir = dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'oi-bench-replay-')));
  await mkdir(dir, { recursive: true });
  const programs = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-programs-'));
  const postgres = await startEmbeddedPostgres({ dir, database: 'replay' });
  const logger = createLogger({ level: 'error', name: 'bench' });
  const limits = { connectMs: 60_000, statementMs: 600_000, answerMs: 610_000 };
  const db = createDatabase({ url: postgres.url, max: 4, logger, limits });
  try {
    const { to, ...stored } = await storeOnce(db, postgres.url, path.join(dir, 'stored.json'), symbols);
    const range = { from: to - DAYS * DAY_MS, to };
    const replays: ReplayOfRule[] = [];
    const started = await loadReplays(programs, { db, url: postgres.url });
    for (const of of RULES) replays.push(await replay(started, of, range));
    return { ...stored, replays };
  } finally {
    await db.end();
    await postgres.stop();
    await rm(programs, { recursive: true, force: true });
    if (dataDir === null) await rm(dir, { recursive: true, force: true });
  }
}

/** As a build has them: the loader of the sources would cost a tenth more. */
async function loadReplays(folder: string, source: { db: Database; url: string }): Promise<Replays> {
  await compilePrograms(folder);
  const { createReplays } = (await import(
    programFile('dist/openInterest/rules/replays.js')
  )) as typeof import('../src/openInterest/rules/replays.ts');
  return createReplays({ ...source, universe: createUniverse() });
}

export function describeReplay({ symbols, samples, replays }: ReplayFigures): string[] {
  return [
    `${samples} samples of ${symbols} symbols in ${DAYS} days`,
    ...replays.map(
      (it) =>
        `${it.rule.padEnd(10)} ${it.sec.toFixed(1)} s (${it.cpuSec.toFixed(1)} s CPU of the node), event loop blocked ` +
        `for ${it.blockedMs.toFixed(0)} ms at most, ` +
        `${it.firings} firings (${it.checksum}), ${it.evaluated} samples evaluated, ${it.skipped} skipped`,
    ),
  ];
}

async function replay(
  replays: Replays,
  { window, thresholdPct }: (typeof RULES)[number],
  range: { from: number; to: number },
): Promise<ReplayOfRule> {
  const rule = aRule({
    name: window,
    symbols: 'all',
    window,
    direction: 'both',
    thresholdPct,
  });
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const hash = createHash('sha256');
  let summary = { firings: 0, evaluated: 0, skipped: 0 };
  for await (const line of replays.run('bench', { rule, ...range })) {
    if (line.type === 'summary') summary = line;
    if (line.type === 'firing') hash.update(JSON.stringify(line.firing));
  }
  delay.disable();
  const { firings, evaluated, skipped } = summary;
  return {
    rule: `${window} ${thresholdPct} %`,
    sec: (performance.now() - startedAt) / SECOND_MS,
    cpuSec: cpuMs(process.cpuUsage(cpu)) / SECOND_MS,
    blockedMs: delay.max / 1e6,
    ...{ firings, evaluated, skipped, checksum: hash.digest('hex').slice(0, 12) },
  };
}

/** Stores the market, unless `file` says that it is there. */
async function storeOnce(db: Database, url: string, file: string, symbols: number): Promise<Stored> {
  const held = await readFile(file, 'utf8').catch(() => null);
  if (held !== null) return JSON.parse(held) as Stored;
  await runMigrations({ url });
  const to = startOf(dayOf(systemClock.now()));
  const stored = { symbols, samples: await storeMonth(db, to - DAYS * DAY_MS, symbols), to };
  await db.query('analyze');
  await writeFile(file, JSON.stringify(stored));
  return stored;
}

async function storeMonth(db: Database, from: number, count: number): Promise<number> {
  const market = createMarketSamples(from, ALL_SYMBOLS);
  const random = createSeededRandom(2);
  await makeDays(
    db,
    Array.from({ length: HOT_DAYS }, (_, i) => from + (DAYS - 1 - i) * DAY_MS),
  );
  const stored: number[] = [];
  const simulated = Math.min(count, SIMULATED);
  const chosen = Array.from({ length: simulated }, (_, nth) => Math.floor((nth * ALL_SYMBOLS) / simulated));
  for (const i of chosen) {
    const symbol = market.symbols[i]!;
    const pattern = Array.from({ length: MARKET_DAYS }, (_, day) =>
      market.samplesOf(i, from + day * DAY_MS, from + (day + 1) * DAY_MS),
    );
    let close = pattern[0]![0]!.openInterest;
    let samplesOfSymbol = 0;
    for (let day = 0; day < DAYS; day += 1) {
      const of = pattern[day % MARKET_DAYS]!;
      const shift = (day - (day % MARKET_DAYS)) * DAY_MS;
      const factor = close / of[0]!.openInterest;
      const samples = of.map((it) => {
        const openInterest = Number((it.openInterest * factor).toFixed(3));
        return { symbol, ...withArrival({ ...it, ts: it.ts + shift, openInterest }, random) };
      });
      close = samples.at(-1)!.openInterest;
      samplesOfSymbol += samples.length;
      if (day < DAYS - HOT_DAYS) await storeBlocks(db, symbol, samples);
      else await storeRows(db, samples);
    }
    stored.push(samplesOfSymbol);
  }
  const names = Array.from({ length: count }, (_, i) => {
    const symbol = market.symbols[chosen[i % simulated]!]!;
    return { symbol, name: i < simulated ? symbol : `${symbol}_${i}` };
  });
  await copySymbols(db, names);
  return names.reduce((total, _, i) => total + stored[i % simulated]!, 0);
}

const TABLES = [
  {
    table: 'open_interest_snapshots',
    columns: 'ts, source, open_interest, open_interest_usd, mark_price, funding_rate, created_at',
    order: 'ts',
  },
  {
    table: 'open_interest_hours',
    columns: Object.keys(HourRow.shape)
      .filter((it) => it !== 'symbol')
      .map(columnOf)
      .join(', '),
    order: `date_bin('1 day', hour, 'epoch'), name, hour`,
  },
];

/**
 * Copies symbols under other names, and leaves all samples in the order in which a server stores them: rows sweep by sweep and
 * hours day by day, so that those of one symbol are far apart.
 */
async function copySymbols(db: Database, names: readonly { symbol: string; name: string }[]): Promise<void> {
  for (const { table, columns, order } of TABLES) {
    await db.transaction(async (inside) => {
      await inside.query(`create temporary table simulated on commit drop as select * from ${table}`);
      await inside.query(`truncate ${table}`);
      await inside.query(
        `insert into ${table} (symbol, ${columns})
         select name, ${columns}
         from simulated join unnest($1::text[], $2::text[]) as copies(symbol, name) using (symbol)
         order by ${order}`,
        [names.map((it) => it.symbol), names.map((it) => it.name)],
      );
    });
  }
}
