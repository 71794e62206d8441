import { DAY_MS, MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import type { Queryable } from '../platform/postgres.ts';
import type { Board } from './openInterest.board.ts';
import { isExpired } from './openInterest.eviction.ts';
import { isPlausible } from './openInterest.hearsay.ts';
import { selectLatest, selectLatestChangedSince } from './openInterest.snapshots.repository.ts';
import type { Sample } from './openInterest.types.ts';

/**
 * Brings the board to what the database holds: whole at start, then what changed lately, and the whole table now and
 * then. It repairs whatever the bus between nodes has lost.
 */
export type Repair = {
  /** Reads everything. */
  readAll(): Promise<void>;
  /** Reads what was written since the last look, or everything when that was long ago. */
  readChanges(): Promise<void>;
  /** Takes from a copy of the board what is newer. Unlike the database, a copy is never right about the same moment. */
  addCopy(samples: readonly Sample[]): void;
};

/** Commits can land late: each look overlaps the one before. */
const OVERLAP_MS = 60 * SECOND_MS;
const EVERYTHING_EVERY_MS = 5 * MINUTE_MS;

export function createRepair(options: {
  db: Queryable;
  board: Board;
  clock: Clock;
  isMember: (symbol: string) => boolean;
  /** Rows have changed the board. */
  onRepaired: (symbols: number) => void;
}): Repair {
  const { db, board, clock, isMember } = options;
  let readAllAt = -Infinity;
  let newestUpdateAt = new Date(0);

  function merge(samples: readonly Sample[], from: 'database' | 'poller'): void {
    let newestTs = 0;
    for (const { sample } of board.entries()) newestTs = Math.max(newestTs, sample.ts);
    for (const sample of samples) newestTs = Math.max(newestTs, sample.ts);
    let changed = 0;
    for (const sample of samples) {
      if (!board.get(sample.symbol) && isExpired(sample, newestTs, isMember(sample.symbol))) continue;
      if (board.apply(sample, from) === 'replace') changed += 1;
    }
    if (changed > 0) options.onRepaired(changed);
  }

  async function readSince(since: Date): Promise<Sample[]> {
    const read = await selectLatestChangedSince(db, since);
    if (read.newestUpdateAt > newestUpdateAt) newestUpdateAt = read.newestUpdateAt;
    return read.samples;
  }

  async function readAll(): Promise<void> {
    const startedAt = clock.now();
    merge(await selectLatest(db), 'database');
    readAllAt = startedAt;
    // What is read from here on begins where this reading may have missed commits that were under way.
    if (newestUpdateAt.getTime() === 0) await readSince(new Date(startedAt - DAY_MS));
  }

  return {
    readAll,
    async readChanges() {
      if (clock.now() - readAllAt >= EVERYTHING_EVERY_MS) return readAll();
      merge(await readSince(new Date(newestUpdateAt.getTime() - OVERLAP_MS)), 'database');
    },
    addCopy(samples) {
      const now = clock.now();
      merge(
        samples.filter((it) => isPlausible(it, now)),
        'poller',
      );
    },
  };
}
