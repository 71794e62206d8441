import { setImmediate as nextTurn } from 'node:timers/promises';
import { coerceError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { isTransientFault } from '../../platform/database/fault.ts';
import { Source } from '../openInterest.types.ts';
import { hourOf, mergeSamples, packBlock, unpackBlock, type HourBlock } from './blocks.ts';
import type { BlockSample } from './codec/hourCodec.ts';
import {
  deleteHotSamples,
  lockEmptyPartition,
  selectHotSymbolAfter,
  tryLockCompaction,
} from './compaction.repository.ts';
import { dayOf, daysBefore, endOf, startOf } from './days.ts';
import {
  deleteColdDaysBefore,
  deleteHoursBefore,
  selectColdSymbolAfter,
  selectHours,
  upsertHours,
} from './hours.repository.ts';
import { dropPartition, selectPartitionDays } from './partitions.repository.ts';

/**
 * Moves days that are older than the hot tier into hour blocks, the oldest first, and drops their partitions once they are
 * empty.
 *
 * Each symbol's day is one transaction: the rows are removed, merged with the blocks of their hours, encoded, decoded,
 * compared and written. An end at any point leaves them where they were, and the next run begins with them again.
 */
export type CompactionContext = {
  db: Database;
  /** Ends the run between two transactions. */
  signal: AbortSignal;
  /** Called after each transaction. */
  onMoved?: (moved: Moved) => void;
};

type Moved = { day: string; symbol: string; samples: number; blocks: number };

type CompactedDay = { day: string; samples: number; blocks: number; dropped: boolean };

/** A symbol whose day stays in the hot tier. */
type CompactionFault = { day: string; symbol: string; err: Error };

export type CompactionReport = {
  days: CompactedDay[];
  faults: CompactionFault[];
  /** Another node compacts; it was left to it. */
  isBusy: boolean;
};

/** Days that lie before `before`, epoch ms, as a whole. Throws what the database throws; what is moved until then stays so. */
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
  for (let symbol = ''; !signal.aborted;) {
    const next = await selectHotSymbolAfter(db, day, symbol);
    if (next === null) break;
    symbol = next;
    try {
      const moved = await db.transaction((transaction) => moveSymbol(transaction, day, next));
      if (moved === null) {
        report.isBusy = true;
        break;
      }
      compacted.samples += moved.samples;
      compacted.blocks += moved.blocks;
      onMoved?.(moved);
    } catch (thrown) {
      if (isTransientFault(thrown)) throw thrown;
      report.faults.push({ day, symbol, err: coerceError(thrown) });
    }
  }
  const isDone = !signal.aborted && !report.isBusy && report.faults.length === faults;
  if (isDone) compacted.dropped = await db.transaction((transaction) => dropIfEmpty(transaction, day));
  if (compacted.samples > 0 || compacted.dropped) report.days.push(compacted);
}

/** Removes the blocks of days that ended by `oldestKept`, epoch ms, a symbol at a time; answers how many. */
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

/** `null` when another node compacts. */
async function moveSymbol(db: Queryable, day: string, symbol: string): Promise<Moved | null> {
  if (!(await tryLockCompaction(db))) return null;
  const rows = await deleteHotSamples(db, day, symbol);
  const finer = rows.find((it) => !it.isWhole);
  if (finer) throw new Error(`${symbol} has a time finer than a millisecond near ${finer.ts}; round it`);
  const held = await selectHours(db, { symbol, from: startOf(day), to: endOf(day) });
  const blocks: HourBlock[] = [];
  for (const [hour, source, samples] of groupByHour(rows)) {
    const before = held.find((it) => it.hour === hour && it.source === source);
    blocks.push(
      packBlock({ symbol, hour, source }, before ? mergeSamples(unpackBlock(before), samples) : samples),
    );
    // Requests get their turn between two hours.
    await nextTurn();
  }
  await upsertHours(db, day, blocks);
  return { day, symbol, samples: rows.length, blocks: blocks.length };
}

function groupByHour(
  rows: readonly (BlockSample & { source: Source })[],
): [hour: number, source: Source, samples: BlockSample[]][] {
  const groups = new Map<string, [number, Source, BlockSample[]]>();
  for (const row of rows) {
    const hour = hourOf(row.ts);
    const key = `${hour} ${row.source}`;
    const group = groups.get(key);
    if (group) group[2].push(row);
    else groups.set(key, [hour, row.source, [row]]);
  }
  return [...groups.values()];
}

/** A sample that came after its symbol was moved keeps the day until the next run. */
async function dropIfEmpty(db: Queryable, day: string): Promise<boolean> {
  if (!(await tryLockCompaction(db)) || !(await lockEmptyPartition(db, day))) return false;
  await dropPartition(db, day);
  return true;
}
