import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/kit/clock.ts';
import {
  compactDays,
  expireHours,
  type CompactionReport,
} from '../../src/openInterest/history/compaction.ts';
import { dayOf, startOf } from '../../src/openInterest/history/days.ts';
import { makeDays } from '../../src/openInterest/history/partitions.ts';
import { selectPartitionDays } from '../../src/openInterest/history/partitions.repository.ts';
import { selectHistoryTotals } from '../../src/openInterest/history/totals.ts';
import { verifyHours } from '../../src/openInterest/history/verify.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import type { Database } from '../../src/platform/database/database.ts';
import { aSample, symbolNames } from '../support/builders.ts';
import { auditHistory, withoutTransactions } from '../support/historyAudit.ts';
import { aDay, clearHistory, storeSamples } from '../support/historySamples.ts';
import { programFile } from '../support/programs.ts';
import { runProgram } from '../support/runProgram.ts';
import { createSeededRandom } from '../support/seededRandom.ts';
import { withDatabase } from '../support/withServer.ts';

const TODAY = startOf(dayOf(Date.now()));
const OLD_DAY = TODAY - 10 * DAY_MS;
const HOT_FROM = TODAY - 3 * DAY_MS;

const database = withDatabase();

beforeEach(() => makeDays(database.db, [TODAY]));
afterEach(() => clearHistory(database));

const store = (samples: readonly Sample[]) => storeSamples(database, samples);

function compact(
  db: Database = database.db,
  signal = new AbortController().signal,
): Promise<CompactionReport> {
  return compactDays({ db, signal }, HOT_FROM);
}

const audit = (acknowledged: readonly Sample[]) => auditHistory(database.pool, acknowledged);
const whole = (acked: number) => ({ acked, lost: 0, doubled: 0, changed: 0, strange: 0 });

describe('compaction', () => {
  it('moves old days into blocks, sample for sample, drops their partitions and keeps young days', async () => {
    const symbols = symbolNames(5);
    const old = await store([...aDay(symbols, OLD_DAY), ...aDay(symbols, OLD_DAY + DAY_MS)]);
    const young = await store(aDay(symbols, HOT_FROM));
    const report = await compact();
    expect(report).toEqual({
      days: [OLD_DAY, OLD_DAY + DAY_MS].map((day) => ({
        day: dayOf(day),
        samples: 5 * 144,
        blocks: 5 * 24,
        dropped: true,
      })),
      faults: [],
      isBusy: false,
    });
    expect(await audit([...old, ...young])).toEqual(whole(old.length + young.length));
    const days = await selectPartitionDays(database.pool);
    expect(days).toEqual([HOT_FROM, TODAY].map(dayOf));
    expect(await verifyHours(database.db)).toEqual({ blocks: 240, samples: old.length, faults: [] });
    const { hot, cold } = await selectHistoryTotals(database.db, HOT_FROM);
    expect({ backlog: hot.backlogDays, samples: cold.samples, blocks: cold.blocks }).toEqual({
      backlog: 0,
      samples: old.length,
      blocks: 240,
    });
  });

  it('does nothing the second time', async () => {
    const old = await store(aDay(['BTCUSDT'], OLD_DAY));
    await compact();
    expect(await compact()).toEqual({ days: [], faults: [], isBusy: false });
    expect(await audit(old)).toEqual(whole(old.length));
  });

  it('keeps sources separate, and supports names of other scripts and venues', async () => {
    const symbols = ['币安人生USDT', 'OKX:BTCUSDT'];
    const realtime = await store(aDay(symbols, OLD_DAY));
    const backfill = await store(aDay(symbols, OLD_DAY, { source: 'backfill', openInterest: 7 }));
    await compact();
    expect(await audit([...realtime, ...backfill])).toEqual(whole(realtime.length + backfill.length));
  });

  it('stores the end of a long payload in its row, and counts and reads all of it', async () => {
    const random = createSeededRandom(5);
    const symbols = symbolNames(12);
    const old = await store(
      symbols.flatMap((symbol, s) =>
        Array.from({ length: 200 + 60 * s }, (_, i) =>
          aSample({ symbol, ts: OLD_DAY + i * SECOND_MS, openInterest: Math.floor(random() * 1e9) }),
        ),
      ),
    );
    await compact();
    expect(await audit(old)).toEqual(whole(old.length));
    expect(await verifyHours(database.db)).toEqual({ blocks: 12, samples: old.length, faults: [] });
    const { rows } = await database.pool.query<{ payload: number; tail: number | null }>(
      'select length(payload) as payload, length(tail) as tail from open_interest_hours',
    );
    const tails = rows.filter((it) => it.tail !== null);
    expect(tails.length).toBeGreaterThan(0);
    expect(tails.length).toBeLessThan(12);
    for (const { payload, tail } of tails) {
      expect(payload % 1_996).toBe(0);
      expect(tail).toBeLessThanOrEqual(700);
    }
    const { cold } = await selectHistoryTotals(database.db, HOT_FROM);
    expect(cold.payloadBytes).toBe(rows.reduce((sum, it) => sum + it.payload + (it.tail ?? 0), 0));

    const late = await store(
      symbols.map((symbol) => aSample({ symbol, ts: OLD_DAY + HOUR_MS - 1, openInterest: 7 })),
    );
    await compact();
    const both = { blocks: 12, samples: old.length + 12, faults: [] };
    expect(await verifyHours(database.db)).toEqual(both);
    expect(await audit([...old, ...late])).toEqual(whole(old.length + 12));

    // Blocks of an earlier version have no tail; then the statement of operations.md.
    await database.pool.query(
      `update open_interest_hours set payload = payload || tail, tail = null where tail is not null`,
    );
    expect(await verifyHours(database.db)).toEqual(both);
    const { rowCount } = await database.pool.query(
      `update open_interest_hours
       set payload = substring(payload for 1996), tail = substring(payload from 1997)
       where tail is null and length(payload) between 1997 and 2696`,
    );
    expect(rowCount).toBeGreaterThan(0);
    expect(await verifyHours(database.db)).toEqual(both);
  });

  it('I1 merges late samples of a compacted hour, and keeps stored ones', async () => {
    const [first, ...rest] = aDay(['BTCUSDT'], OLD_DAY);
    await store(rest);
    await compact();
    const late = [first!, { ...rest[0]!, openInterest: 1 }];
    await store(late);
    expect(await audit([first!, ...rest])).toMatchObject({ lost: 0, doubled: 1 });
    await compact();
    expect(await audit([first!, ...rest])).toEqual(whole(rest.length + 1));
    expect(await verifyHours(database.db)).toMatchObject({ faults: [] });
  });

  it('I1 includes a sample that arrives while its day is moved, now or at the next run', async () => {
    const old = await store(aDay(symbolNames(6), OLD_DAY));
    const late = aDay(symbolNames(6), OLD_DAY, { source: 'snapshot' });
    const [report] = await Promise.all([compact(), store(late)]);
    expect(report.faults).toEqual([]);
    expect(await audit([...old, ...late])).toEqual(whole(old.length + late.length));
    await compact();
    expect(await audit([...old, ...late])).toEqual(whole(old.length + late.length));
    expect(await selectPartitionDays(database.pool)).toEqual([dayOf(TODAY)]);
  });

  it('skips a day that another node is compacting', async () => {
    await store(aDay(['BTCUSDT'], OLD_DAY));
    await database.db.transaction(async (other) => {
      await other.query(`select pg_advisory_xact_lock(hashtext('open_interest_hours compaction'))`);
      expect(await compact()).toMatchObject({ days: [], isBusy: true });
    });
    expect(await compact()).toMatchObject({ days: [{ dropped: true }], isBusy: false });
  });

  it('keeps a symbol that it cannot encode as rows, reports it, and continues with the others', async () => {
    const old = await store(aDay(['AUSDT', 'BUSDT', 'CUSDT'], OLD_DAY));
    await database.pool.query(
      `update open_interest_snapshots set ts = ts + interval '1 microsecond' where symbol = 'BUSDT'`,
    );
    const report = await compact();
    expect(report).toMatchObject({
      days: [{ samples: 288, dropped: false }],
      faults: [{ day: dayOf(OLD_DAY), symbol: 'BUSDT' }],
    });
    expect(report.faults[0]!.err.message).toContain('finer than a millisecond');
    expect(await audit(old)).toMatchObject({ lost: 0, doubled: 0, changed: 0 });
  });

  it('does not drop a day while it is locked, and drops it afterwards', async () => {
    const old = await store(aDay(['BTCUSDT'], OLD_DAY));
    await database.db.transaction(async (reader) => {
      await reader.query(`lock table open_interest_snapshots in access share mode`);
      await expect(compact()).rejects.toMatchObject({ code: '55P03' });
    });
    expect(await audit(old)).toEqual(whole(old.length));
    expect(await compact()).toMatchObject({ days: [{ samples: 0, dropped: true }] });
  });

  it('ends after the transaction in which its signal aborts', async () => {
    const old = await store(aDay(symbolNames(8), OLD_DAY));
    const stopping = new AbortController();
    const report = await compactDays(
      { db: database.db, signal: stopping.signal, onMoved: () => stopping.abort() },
      HOT_FROM,
    );
    expect(report.days).toEqual([{ day: dayOf(OLD_DAY), samples: 144, blocks: 24, dropped: false }]);
    expect(await audit(old)).toEqual(whole(old.length));
  });

  it('moves a day of many samples in several transactions of whole hours', async () => {
    const every20Sec = Array.from({ length: 4_320 }, (_, i) =>
      aSample({ symbol: 'BTCUSDT', ts: OLD_DAY + i * 20 * SECOND_MS, openInterest: 1_000 + i }),
    );
    const old = await store([...every20Sec, ...aDay(['ETHUSDT'], OLD_DAY)]);
    const moved: { symbol: string; samples: number; blocks: number }[] = [];
    await compactDays(
      { db: database.db, signal: new AbortController().signal, onMoved: (it) => void moved.push(it) },
      HOT_FROM,
    );
    expect(moved).toEqual([
      ...Array.from({ length: 4 }, () => ({
        day: dayOf(OLD_DAY),
        symbol: 'BTCUSDT',
        samples: 1_080,
        blocks: 6,
      })),
      { day: dayOf(OLD_DAY), symbol: 'ETHUSDT', samples: 144, blocks: 24 },
    ]);
    expect(await audit(old)).toEqual(whole(old.length));
    expect(await verifyHours(database.db)).toMatchObject({ blocks: 48, faults: [] });
  });

  it('P6 removes blocks of days past retention, and no other', async () => {
    const kept = await store(aDay(['AUSDT', 'BUSDT'], OLD_DAY));
    await store(aDay(['AUSDT', 'BUSDT'], OLD_DAY - DAY_MS));
    await compact();
    const context = { db: database.db, signal: new AbortController().signal };
    expect(await expireHours(context, OLD_DAY + HOUR_MS)).toBe(48);
    expect(await audit(kept)).toEqual(whole(kept.length));
    expect(await verifyHours(database.db)).toMatchObject({ blocks: 48, faults: [] });
  });
});

describe('an interrupted compaction', () => {
  it('P1 I1 kill -9 at random points loses and duplicates nothing, and the next run completes it', async () => {
    const symbols = symbolNames(60);
    const old = await store([...aDay(symbols, OLD_DAY), ...aDay(symbols, OLD_DAY + DAY_MS)]);
    const random = createSeededRandom(7);
    let killed = 0;
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(process.execPath, [programFile('dist/server/history.js'), 'compact'], {
        env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      const before = await countBlocks();
      // From its first transaction on, at any point within the next ones.
      while (child.exitCode === null && (await countBlocks()) === before) await pause(2);
      await pause(random() * 60);
      child.kill('SIGKILL');
      await ended;
      if (child.signalCode === 'SIGKILL') killed += 1;
      expect(await audit(old)).toEqual(whole(old.length));
    }
    expect(killed).toBeGreaterThan(0);
    const { code, stdout } = await runProgram('server/history', ['compact'], { DATABASE_URL: database.url });
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(await audit(old)).toEqual(whole(old.length));
    expect(await selectPartitionDays(database.pool)).toEqual([dayOf(TODAY)]);
    const verified = await runProgram('server/history', ['verify'], { DATABASE_URL: database.url });
    expect(verified).toMatchObject({ code: 0, stdout: '17,280 samples in 2,880 blocks, all as written\n' });
  });

  it('is reported by the checker when it loses samples', async () => {
    const old = await store(aDay(symbolNames(3), OLD_DAY));
    await compact(withoutTransactions(database.db, /insert into open_interest_hours/));
    expect(await audit(old)).toMatchObject({ acked: 432, lost: 432 });
  });

  it('is reported by the checker when it duplicates samples', async () => {
    const old = await store(aDay(symbolNames(3), OLD_DAY));
    await compact();
    await store(old.slice(0, 100));
    expect(await audit(old)).toMatchObject({ acked: 432, lost: 0, doubled: 100 });
  });
});

async function countBlocks(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('select count(*) from open_interest_hours');
  return rows[0]!.count;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
