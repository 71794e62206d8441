import pg from 'pg';
import { createLogger } from '../../src/kit/logger.ts';
import { hourOf } from '../../src/openInterest/history/blocks.ts';
import { HOUR_COLUMNS, selectHours } from '../../src/openInterest/history/hours.repository.ts';
import { upsertHours } from '../../src/openInterest/history/upsertHours.repository.ts';
import { dayOf } from '../../src/openInterest/history/days.ts';
import { DAY_MS } from '../../src/kit/clock.ts';
import { createDatabase, type Database } from '../../src/platform/database/database.ts';
import { runMigrations } from '../../src/platform/database/migrations.ts';
import { readDayByMinute, timeInTurns, type Times } from './measure.ts';

const SAMPLES_A_DAY = 8_640;
const MOST_SYMBOLS = 115;
const SAMPLES = 100e6;
const READS = 3_000;

/**
 * A day of the blocks of `db` that ends at `to`, in one database as it is and in another one beside the same blocks under
 * other names until there are 100 million samples. The same reads of both take turns.
 */
export async function measureGrowth(
  db: Database,
  url: string,
  of: { symbols: readonly string[]; to: number },
): Promise<{ few: Times; many: Times }> {
  const symbols = of.symbols.slice(0, MOST_SYMBOLS);
  const few = await copyDay(db, url, { ...of, symbols }, 'few');
  const many = await copyDay(db, url, { ...of, symbols }, 'many');
  try {
    const copies = Math.ceil(SAMPLES / (symbols.length * SAMPLES_A_DAY));
    for (let copy = 1; copy < copies; copy += 1) await many.query(COPY_BLOCKS, [copy, symbols]);
    for (const name of ['few', 'many'])
      await maintain(databaseUrl(url, name), 'vacuum analyze open_interest_hours');
    await maintain(url, 'checkpoint');
    const reads = [few, many].map((it) => readDayByMinute(it, symbols, of.to));
    const [timesOfFew, timesOfMany] = await timeInTurns(READS, reads);
    return { few: timesOfFew!, many: timesOfMany! };
  } finally {
    await few.end();
    await many.end();
  }
}

async function copyDay(
  db: Database,
  url: string,
  { symbols, to }: { symbols: readonly string[]; to: number },
  name: string,
): Promise<Database> {
  await maintain(url, `create database ${name}`);
  const target = databaseUrl(url, name);
  await runMigrations({ url: target });
  const limits = { connectMs: 60_000, statementMs: 600_000, answerMs: 610_000 };
  const copy = createDatabase({
    url: target,
    max: 2,
    logger: createLogger({ level: 'error', name: 'bench' }),
    limits,
  });
  const from = hourOf(to - DAY_MS);
  for (const symbol of symbols) {
    await upsertHours(copy, dayOf(from), await selectHours(db, { symbol, from, to }));
  }
  return copy;
}

function databaseUrl(url: string, name: string): string {
  const target = new URL(url);
  target.pathname = `/${name}`;
  return target.href;
}

/** A statement that cannot be part of a transaction. */
async function maintain(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const COPY_BLOCKS = `
  insert into open_interest_hours (${HOUR_COLUMNS})
  select 'COPY' || $1::int || ${HOUR_COLUMNS}
  from open_interest_hours where symbol = any($2::text[])`;
