import type pg from 'pg';
import { DAY_MS } from '../kit/clock.ts';
import { inTransaction } from '../platform/transaction.ts';
import {
  createPartition,
  dropPartition,
  lockPartitions,
  selectPartitionDays,
} from './openInterest.partitions.repository.ts';
import { deleteLatestBefore } from './openInterest.snapshots.repository.ts';

/** Days made ahead: a week in which nobody has to look. */
const DAYS_AHEAD = 7;
/** A day takes some 25 ms on a small machine. */
export const MAX_DAYS_AT_ONCE = 30;

/**
 * The UTC days that have a partition before anybody asks at `now`: what pollers send is minutes old, and a week ahead.
 * Older days are made when their first samples come (`makeDays`): most never do, and ten years of them take minutes.
 */
export function neededDays(now: number): string[] {
  const days: string[] = [];
  for (let offset = -1; offset <= DAYS_AHEAD; offset += 1) days.push(dayOf(now + offset * DAY_MS));
  return days;
}

/** The days that lie wholly past retention. */
export function expiredDays(existing: readonly string[], now: number, retentionDays: number): string[] {
  const oldest = dayOf(now - retentionDays * DAY_MS);
  return existing.filter((day) => day < oldest);
}

/**
 * Makes the partitions that are missing and drops those past retention. Safe to run again and on several nodes at once:
 * one works, the others wait and find nothing to do.
 */
export async function maintainPartitions(
  pool: pg.Pool,
  now: number,
  retentionDays: number,
): Promise<{ made: string[]; dropped: string[] }> {
  const planned = plan(await selectPartitionDays(pool), now, retentionDays);
  if (planned.missing.length === 0 && planned.expired.length === 0) return { made: [], dropped: [] };
  return inTransaction(pool, async (db) => {
    await lockPartitions(db);
    const { missing, expired } = plan(await selectPartitionDays(db), now, retentionDays);
    for (const day of missing) await createPartition(db, day);
    for (const day of expired) await dropPartition(db, day);
    await deleteLatestBefore(db, new Date(now - retentionDays * DAY_MS));
    return { made: missing, dropped: expired };
  });
}

/**
 * Makes the partitions of these moments, epoch ms, where they are missing: of days that nobody has sent before, or that
 * a node whose clock is ahead has dropped already. Of many days the first few, because nobody can write meanwhile.
 */
export async function makeDays(pool: pg.Pool, times: readonly number[]): Promise<void> {
  await inTransaction(pool, async (db) => {
    await lockPartitions(db);
    const held = new Set(await selectPartitionDays(db));
    const missing = [...new Set(times.map(dayOf))].filter((day) => !held.has(day)).toSorted();
    for (const day of missing.slice(0, MAX_DAYS_AT_ONCE)) await createPartition(db, day);
  });
}

function plan(existing: readonly string[], now: number, retentionDays: number) {
  const held = new Set(existing);
  return {
    missing: neededDays(now).filter((day) => !held.has(day)),
    expired: expiredDays(existing, now, retentionDays),
  };
}

function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
