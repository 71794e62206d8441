import { DAY_MS } from '../../kit/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { selectAgreedTime } from '../../platform/database/databaseTime.ts';
import { dayOf, daysBefore } from './days.ts';
import { deleteLatestBefore } from './latest.repository.ts';
import {
  createPartition,
  dropPartition,
  lockPartitions,
  selectPartitionDays,
} from './partitions.repository.ts';

/** Days created in advance: a week without maintenance is harmless. */
const DAYS_AHEAD = 7;
/** A day takes some 25 ms on a small machine. */
export const MAX_DAYS_AT_ONCE = 30;

/**
 * The UTC days that must have a partition at `now`: yesterday, for samples that are minutes old, to a week ahead.
 * Older days are created with their first samples (`makeDays`): most have none, and creating ten years takes minutes.
 */
export function neededDays(now: number): string[] {
  const days: string[] = [];
  for (let offset = -1; offset <= DAYS_AHEAD; offset += 1) days.push(dayOf(now + offset * DAY_MS));
  return days;
}

/**
 * Makes the partitions that are missing and drops those past retention. Safe to run again and on several nodes at once.
 * Each day is a transaction of its own, so that ten years of them need no more locks than one. `onDone` is called after
 * each, for what is done stays done when a later day fails.
 *
 * What is dropped is gone, so a day must be past retention for the database's clock too: a node that wakes up in another
 * year must not take the history with it.
 */
export async function maintainPartitions(
  db: Database,
  now: number,
  retentionDays: number,
  onDone: (change: { made: string } | { dropped: string }) => void = () => undefined,
): Promise<void> {
  const oldestKept = (await selectAgreedTime(db, now)) - retentionDays * DAY_MS;
  const existing = await selectPartitionDays(db);
  for (const day of neededDays(now)) {
    if (existing.includes(day)) continue;
    await makeDays(db, [Date.parse(day)]);
    onDone({ made: day });
  }
  const expired = daysBefore(existing, oldestKept);
  for (const day of expired) {
    await db.transaction((transaction) => dropPartition(transaction, day));
    onDone({ dropped: day });
  }
  if (expired.length > 0) await deleteLatestBefore(db, new Date(oldestKept));
}

/**
 * Makes the partitions of these moments, epoch ms, where they are missing: of days without a sample so far, or that
 * a node whose clock is ahead has dropped already. Of many days the first few, so that the chunk is answered in time.
 */
export async function makeDays(database: Database, times: readonly number[]): Promise<void> {
  await database.transaction(async (db) => {
    await lockPartitions(db);
    const existing = new Set(await selectPartitionDays(db));
    const missing = [...new Set(times.map(dayOf))].filter((day) => !existing.has(day)).toSorted();
    for (const day of missing.slice(0, MAX_DAYS_AT_ONCE)) await createPartition(db, day);
  });
}
