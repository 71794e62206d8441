import { setImmediate as nextTurn } from 'node:timers/promises';
import { HOUR_MS } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { isTransientFault } from '../../platform/database/fault.ts';
import { mergeSamples, packBlock, unpackBlock, type HourBlock } from './blocks.ts';
import { samplesOf } from './codec/hourCodec.ts';
import {
  deleteHotSamples,
  lockEmptyPartition,
  selectHotHoursAfter,
  tryLockCompaction,
  type HotHours,
} from './compaction.repository.ts';
import { dayOf, daysBefore, startOf } from './days.ts';
import {
  deleteColdDaysBefore,
  deleteHoursBefore,
  selectColdSymbolAfter,
  selectHours,
  type HourRange,
} from './hours.repository.ts';
import { dropPartition, selectPartitionDays } from './partitions.repository.ts';
import { upsertHours } from './upsertHours.repository.ts';

/**
 * Moves days that are older than the hot tier into hour blocks, the oldest first, and drops the partition of a day once it is
 * empty.
 *
 * A transaction moves whole hours of one symbol: it deletes the rows, merges them with the blocks of those hours, encodes,
 * decodes, compares and writes. A crash leaves the rows of the running transaction where they were; the next run continues
 * there. Transactions are small because encoding occupies the event loop that also answers requests.
 */
type CompactionContext = {
  db: Database;
  /** Ends the run between two transactions. */
  signal: AbortSignal;
  /** Called and awaited after each transaction: reports progress, or sets the pace. */
  onMoved?: (moved: Moved) => void | Promise<void>;
};

/** Three hours of a symbol that is polled every 10 s, and a day of five-minute points. */
const STEP_ROWS = 1100;

type Moved = { day: string; symbol: string; samples: number; blocks: number };

type CompactedDay = { day: string; samples: number; blocks: number; dropped: boolean };

/** A symbol whose remaining rows of that day stay in the hot tier. */
type CompactionFault = { day: string; symbol: string; err: Error };

export type CompactionReport = {
  days: CompactedDay[];
  faults: CompactionFault[];
  /** Another node is compacting, so this run ended. */
  isBusy: boolean;
};

/** Compacts every day that ended by `before`, epoch ms. Throws database errors; what was moved before stays moved. */
export async function compactDays(context: CompactionContext, before: number): Promise<CompactionReport> {
  const report: CompactionReport = { days: [], faults: [], isBusy: false };
  for (const day of daysBefore(await selectPartitionDays(context.db), before)) {
    if (context.signal.aborted || report.isBusy) break;
    await compactDay(context, day, report);
  }
  return report;
}

async function compactDay(context: CompactionContext, day: string, report: CompactionReport): Promise<void> {
  const { db, signal, onMoved } = context;
  const compacted: CompactedDay = { day, samples: 0, blocks: 0, dropped: false };
  const faults = report.faults.length;
  for (let symbol = ''; !signal.aborted && !report.isBusy;) {
    const found = await selectHotHoursAfter(db, day, symbol);
    if (found === null) break;
    symbol = found.symbol;
    try {
      for (const range of planSteps(found)) {
        if (signal.aborted) break;
        const moved = await db.transaction((transaction) => moveHours(transaction, day, range));
        if (moved === null) {
          report.isBusy = true;
          break;
        }
        compacted.samples += moved.samples;
        compacted.blocks += moved.blocks;
        await onMoved?.(moved);
      }
    } catch (thrown) {
      if (isTransientFault(thrown)) throw thrown;
      report.faults.push({ day, symbol, err: coerceError(thrown) });
    }
  }
  const isDone = !signal.aborted && !report.isBusy && report.faults.length === faults;
  if (isDone) compacted.dropped = await db.transaction((transaction) => dropIfEmpty(transaction, day));
  if (compacted.samples > 0 || compacted.dropped) report.days.push(compacted);
}

/** Deletes the blocks of days that ended by `oldestKept`, epoch ms, one symbol per statement; returns how many. */
export async function expireHours({ db, signal }: CompactionContext, oldestKept: number): Promise<number> {
  const before = startOf(dayOf(oldestKept));
  let removed = 0;
  for (let symbol = await selectColdSymbolAfter(db, ''); symbol !== null && !signal.aborted;) {
    removed += await deleteHoursBefore(db, symbol, new Date(before));
    symbol = await selectColdSymbolAfter(db, symbol);
  }
  await deleteColdDaysBefore(db, dayOf(before));
  return removed;
}

/** Divides the hours of a symbol into ranges of `STEP_ROWS` rows or little more. */
function planSteps({ symbol, hours }: HotHours): HourRange[] {
  const steps: (HourRange & { rows: number })[] = [];
  for (const { hour, rows } of hours) {
    const last = steps.at(-1);
    if (last && last.rows + rows <= STEP_ROWS) {
      last.to = hour + HOUR_MS;
      last.rows += rows;
    } else steps.push({ symbol, from: hour, to: hour + HOUR_MS, rows });
  }
  return steps;
}

/** `null` when another node compacts. */
async function moveHours(db: Queryable, day: string, range: HourRange): Promise<Moved | null> {
  if (!(await tryLockCompaction(db))) return null;
  const { symbol } = range;
  const removed = await deleteHotSamples(db, day, range);
  const held = await selectHours(db, range);
  const blocks: HourBlock[] = [];
  let moved = 0;
  for (const { hour, source, open } of removed) {
    const { prices, ...contracts } = open();
    const samples = samplesOf(contracts, prices());
    moved += samples.length;
    const finer = samples.find((it) => !Number.isInteger(it.ts));
    if (finer) throw new Error(`${symbol} has a time finer than a millisecond near ${finer.ts}; round it`);
    const before = held.find((it) => it.hour === hour && it.source === source);
    const merged = before ? mergeSamples(unpackBlock(before), samples) : samples;
    blocks.push(packBlock({ symbol, hour, source }, merged));
    // Requests that wait are answered between two blocks.
    await nextTurn();
  }
  await upsertHours(db, day, blocks);
  return { day, symbol, samples: moved, blocks: blocks.length };
}

/** A sample that arrived after its hour was moved keeps the partition until the next run. */
async function dropIfEmpty(db: Queryable, day: string): Promise<boolean> {
  if (!(await tryLockCompaction(db)) || !(await lockEmptyPartition(db, day))) return false;
  await dropPartition(db, day);
  return true;
}
