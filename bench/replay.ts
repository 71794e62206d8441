import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DAY_MS, SECOND_MS, systemClock } from '../src/kit/clock.ts';
import { createLogger } from '../src/kit/logger.ts';
import type { BlockSample } from '../src/openInterest/history/codec/hourCodec.ts';
import { dayOf, startOf } from '../src/openInterest/history/days.ts';
import { makeDays } from '../src/openInterest/history/partitions.ts';
import { createReplays } from '../src/openInterest/rules/replay.ts';
import { aRule } from '../test/support/alertRules.ts';
import { createUniverse } from '../src/openInterest/universe/universe.ts';
import { createDatabase, type Database } from '../src/platform/database/database.ts';
import { runMigrations } from '../src/platform/database/migrations.ts';
import { startEmbeddedPostgres } from '../src/platform/embedded/embeddedPostgres.ts';
import { createSeededRandom } from '../test/support/seededRandom.ts';
import { createMarketSamples } from './history/market.ts';
import { storeBlocks, storeRows, withArrival } from './history/store.ts';

/** Of the liquid universe; fewer are chosen evenly from those with the most to those with the least volume. */
const ALL_SYMBOLS = 343;
const DAYS = 30;
const HOT_DAYS = 3;
/** The simulator makes so many different days of a symbol; they repeat, each beginning at the value the last one ended with. */
const MARKET_DAYS = 3;
const RULES = [
  { window: '24h', thresholdPct: 20 },
  { window: '4h', thresholdPct: 10 },
  { window: '5m', thresholdPct: 5 },
  { window: '15m', thresholdPct: 5 },
] as const;

export type ReplayFigures = {
  symbols: number;
  samples: number;
  replays: {
    rule: string;
    sec: number;
    cpuSec: number;
    longestPauseMs: number;
    firings: number;
    evaluated: number;
    skipped: number;
  }[];
};

/** One rule after the other over 30 days of the simulated market, 27 of them in hour blocks and 3 as rows. */
export async function measureReplay({ symbols }: { symbols: number }): Promise<ReplayFigures> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-replay-'));
  const postgres = await startEmbeddedPostgres({ dir, database: 'replay' });
  const logger = createLogger({ level: 'error', name: 'bench' });
  const limits = { statementMs: 600_000, answerMs: 610_000 };
  const db = createDatabase({ url: postgres.url, max: 4, logger, limits });
  try {
    await runMigrations({ url: postgres.url });
    const to = startOf(dayOf(systemClock.now()));
    const samples = await storeMonth(db, to - DAYS * DAY_MS, symbols);
    await db.query('analyze');
    const replays: ReplayFigures['replays'] = [];
    for (const of of RULES) replays.push(await replay(db, of, { from: to - DAYS * DAY_MS, to }));
    return { symbols, samples, replays };
  } finally {
    await db.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export function describeReplay({ symbols, samples, replays }: ReplayFigures): string[] {
  return [
    `${samples} samples of ${symbols} symbols in ${DAYS} days`,
    ...replays.map(
      (it) =>
        `${it.rule.padEnd(10)} ${it.sec.toFixed(1)} s (${it.cpuSec.toFixed(1)} s CPU of the node), longest pause ` +
        `${it.longestPauseMs.toFixed(0)} ms, ${it.firings} firings, ${it.evaluated} samples evaluated, ${it.skipped} skipped`,
    ),
  ];
}

async function replay(
  db: Database,
  { window, thresholdPct }: (typeof RULES)[number],
  range: { from: number; to: number },
): Promise<ReplayFigures['replays'][number]> {
  const rule = aRule({
    name: window,
    symbols: 'all',
    window,
    direction: 'both',
    thresholdPct,
  });
  const pauses = monitorEventLoopDelay({ resolution: 5 });
  pauses.enable();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let summary = { firings: 0, evaluated: 0, skipped: 0 };
  for await (const line of createReplays({ db, universe: createUniverse() }).run('bench', {
    rule,
    ...range,
  })) {
    if (line.type === 'summary') summary = line;
  }
  const { user, system } = process.cpuUsage(cpu);
  pauses.disable();
  const { firings, evaluated, skipped } = summary;
  return {
    rule: `${window} ${thresholdPct} %`,
    sec: (performance.now() - startedAt) / SECOND_MS,
    cpuSec: (user + system) / 1e6,
    longestPauseMs: pauses.max / 1e6,
    ...{ firings, evaluated, skipped },
  };
}

async function storeMonth(db: Database, from: number, count: number): Promise<number> {
  const market = createMarketSamples(from, ALL_SYMBOLS);
  const random = createSeededRandom(2);
  await makeDays(
    db,
    Array.from({ length: HOT_DAYS }, (_, i) => from + (DAYS - 1 - i) * DAY_MS),
  );
  let stored = 0;
  const chosen = Array.from({ length: count }, (_, nth) => Math.floor((nth * market.symbols.length) / count));
  for (const i of chosen) {
    const symbol = market.symbols[i]!;
    const pattern = Array.from({ length: MARKET_DAYS }, (_, day) =>
      market.samplesOf(i, from + day * DAY_MS, from + (day + 1) * DAY_MS),
    );
    let close = pattern[0]![0]!.openInterest;
    for (let day = 0; day < DAYS; day += 1) {
      const of = pattern[day % MARKET_DAYS]!;
      const shift = (day - (day % MARKET_DAYS)) * DAY_MS;
      const factor = close / of[0]!.openInterest;
      const samples = of.map((it): BlockSample => {
        const openInterest = Number((it.openInterest * factor).toFixed(3));
        return withArrival({ ...it, ts: it.ts + shift, openInterest }, random);
      });
      close = samples.at(-1)!.openInterest;
      stored += samples.length;
      if (day < DAYS - HOT_DAYS) await storeBlocks(db, symbol, samples);
      else await storeRows(db, symbol, samples);
    }
  }
  await arrangeRows(db);
  return stored;
}

/** Rows in the order in which a server stores them: sweep by sweep, so that those of one symbol are far apart. */
async function arrangeRows(db: Database): Promise<void> {
  await db.transaction(async (inside) => {
    await inside.query(
      'create temporary table arranged on commit drop as select * from open_interest_snapshots',
    );
    await inside.query('truncate open_interest_snapshots');
    await inside.query('insert into open_interest_snapshots select * from arranged order by ts');
  });
}
