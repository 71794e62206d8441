import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DAY_MS, HOUR_MS, systemClock } from '../../src/kit/clock.ts';
import { createLogger } from '../../src/kit/logger.ts';
import { dayOf, startOf } from '../../src/openInterest/history/days.ts';
import { makeDays } from '../../src/openInterest/history/partitions.ts';
import { HOUR_COLUMNS } from '../../src/openInterest/history/hours.repository.ts';
import { selectHistoryTotals } from '../../src/openInterest/history/totals.ts';
import { createDatabase, type Database } from '../../src/platform/database/database.ts';
import { runMigrations } from '../../src/platform/database/migrations.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded/embeddedPostgres.ts';
import { createSeededRandom } from '../../test/support/seededRandom.ts';
import { measureGrowth } from './growth.ts';
import { measureKills } from './kills.ts';
import { createMarketSamples } from './market.ts';
import {
  measureCompaction,
  measureExportMb,
  measureIngest,
  readDayByFive,
  readDayByMinute,
  readMonthByHour,
  timeInTurns,
  timeOf,
  type Times,
} from './measure.ts';
import { storeRows, withArrival } from './store.ts';

const SAMPLES_A_DAY = 8_640;
const KEPT_DAYS = 400;
const HOT_DAYS = 3;
const READS = 60;
const MONTH_READS = 300;
const MONTH_SYMBOLS = 12;
/** What the collector posts in half a second, and what a server stores at once. */
const CHUNK = 20;
const CONNECTIONS = 4;

type Options = { symbols: number; kills: number };

/** The figures of the two tiers: sizes, reads, growth, compaction, export, kills. Some ten minutes with 343 symbols. */
export async function measureHistory(options: Options, say: (line: string) => void): Promise<object> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-history-'));
  const postgres = await startEmbeddedPostgres({ dir, database: 'history' });
  const logger = createLogger({ level: 'error', name: 'bench' });
  const db = createDatabase({
    url: postgres.url,
    max: 4,
    logger,
    limits: { connectMs: 60_000, statementMs: 600_000, answerMs: 610_000 },
  });
  try {
    await runMigrations({ url: postgres.url });
    const figures = await measureTiers(db, postgres.url, options, say);
    const kills = await measureKills(options.kills);
    say(`kill -9 at ${options.kills} points     ${JSON.stringify(kills)}`);
    return { ...figures, kills };
  } finally {
    await db.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureTiers(
  db: Database,
  url: string,
  options: Options,
  say: (line: string) => void,
): Promise<Record<string, number>> {
  const today = startOf(dayOf(systemClock.now()));
  const old = today - 10 * DAY_MS;
  const { symbols, samples } = await storeMarketDay(db, old, options.symbols);
  await db.query('analyze');
  const hot = (await selectHistoryTotals(db, today)).hot;
  const hotBytesPerSample = hot.bytes / samples;
  say(
    `stored                   ${samples} samples of ${symbols.length} symbols as rows, ${hotBytesPerSample.toFixed(1)} bytes each`,
  );

  const hotRead = await timeOf(READS, readDayByMinute(db, symbols, old + DAY_MS));
  const quiet = await measureIngest(
    db,
    systemClock.now(),
    new Promise((end) => void setTimeout(end, 20_000)),
  );
  const compacting = measureCompaction(db, today - HOT_DAYS * DAY_MS);
  const beside = await measureIngest(db, systemClock.now() - 60_000, compacting);
  const { sec, cpuSec } = await compacting;
  say(
    `compaction of the day    ${sec.toFixed(1)} s, ${cpuSec.toFixed(1)} s CPU of the node; ingest beside it ${show(beside)}, alone ${show(quiet)}`,
  );

  const cold = (await selectHistoryTotals(db, today)).cold;
  const coldBytesPerSample = cold.bytes / samples;
  say(
    `cold                     ${coldBytesPerSample.toFixed(2)} bytes a sample on disk, payload ${(cold.payloadBytes / samples).toFixed(2)}`,
  );
  const perDay = 343 * SAMPLES_A_DAY;
  const days400 =
    (perDay * (HOT_DAYS * hotBytesPerSample + (KEPT_DAYS - HOT_DAYS) * coldBytesPerSample)) / 1e9;
  say(`400 days of 343 symbols  ${days400.toFixed(2)} GB`);

  const coldRead = await timeOf(READS, readDayByMinute(db, symbols, old + DAY_MS));
  say(`24 h at 1 min            cold ${show(coldRead)}, hot ${show(hotRead)}`);
  const some = symbols.slice(0, MONTH_SYMBOLS);
  await db.query(REPEAT_DAYS, [some, 30]);
  const monthOrDay = [readMonthByHour, readDayByFive].map((it) => it(db, some, old + DAY_MS));
  const [month, five] = await timeInTurns(MONTH_READS, monthOrDay);
  say(`30 d at 1 h              ${show(month!)}, 24 h at 5 min ${show(five!)}`);

  const exported = symbols.slice(0, 12);
  const exportMb = await measureExportMb(url, { symbols: exported, from: old, to: old + DAY_MS });
  say(`export of ${exported.length * SAMPLES_A_DAY} samples    ${exportMb.toFixed(1)} MB above idle`);

  const { few, many } = await measureGrowth(db, url, { symbols, to: old + DAY_MS });
  const growth = many.p99 / few.p99;
  say(`100 M samples stored     ${show(many)}, beside few ${show(few)}, p99 ${growth.toFixed(2)}x`);
  return {
    coldBytesPerSample,
    hotBytesPerSample,
    coldToHotReadRatio: coldRead.p50 / hotRead.p50,
    growth1MTo100MP99Ratio: growth,
    days400Of343SymbolsGb: days400,
    exportMbAboveIdle: exportMb,
    compactionSec: sec,
    ingestP99BesideCompactionRatio: beside.p99 / quiet.p99,
    month1hToDay5mRatio: month!.p50 / five!.p50,
  };
}

/** As a server stores a day: chunks in the order of their times over several connections, each row with its arrival. */
async function storeMarketDay(db: Database, from: number, count: number) {
  const market = createMarketSamples(from, count);
  const random = createSeededRandom(2);
  await makeDays(db, [from, systemClock.now()]);
  let samples = 0;
  for (let at = from; at < from + DAY_MS; at += HOUR_MS) {
    const hour = market.symbols.flatMap((symbol, i) =>
      market.samplesOf(i, at, at + HOUR_MS).map((it) => ({ symbol, ...withArrival(it, random) })),
    );
    hour.sort((a, b) => a.ts - b.ts);
    for (let i = 0; i < hour.length; i += CONNECTIONS * CHUNK) {
      const chunks = Array.from({ length: CONNECTIONS }, (_, c) =>
        hour.slice(i + c * CHUNK, i + (c + 1) * CHUNK),
      );
      await Promise.all(chunks.map((chunk) => storeRows(db, chunk)));
    }
    samples += hour.length;
  }
  return { symbols: market.symbols, samples };
}

const show = ({ p50, p99 }: Times): string => `${p50.toFixed(1)} ms (p99 ${p99.toFixed(1)})`;

/** Earlier days with the candles of this one: what a month of these symbols is made of. */
const REPEAT_DAYS = `
  insert into open_interest_hours (${HOUR_COLUMNS})
  select symbol, hour - make_interval(days => back), source, samples, first_ts - make_interval(days => back),
    last_ts - make_interval(days => back), oi_open, oi_high, oi_low, oi_close, usd_open, usd_high, usd_low, usd_close,
    mark_price, funding_rate, codec, payload, tail
  from open_interest_hours, generate_series(1, $2::int) as back
  where symbol = any($1::text[])`;
