import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import type { Board } from '../board/board.ts';
import { isExpired } from '../board/eviction.ts';
import { isPlausible } from './plausible.ts';
import {
  selectLatest,
  selectLatestChangedSince,
  selectLatestOf,
  type LatestRead,
} from '../history/latest.repository.ts';
import { compareMoments } from '../board/merge.ts';
import { MAX_SYMBOLS } from '../ingest/symbolLimit.ts';
import type { Sample } from '../openInterest.types.ts';

/**
 * Brings the board to what the database holds: whole at start, then what changed lately, and the whole table now and
 * then. It repairs whatever the bus between nodes has lost, and takes back what was shown and never stored.
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
  onRepaired: () => void;
  /** Rows were taken back, and have to be published before anything comes in their place. */
  onTakenBack: () => void;
}): Repair {
  const { db, board, clock, isMember } = options;
  let readAllAt = -Infinity;
  let newestUpdateAt = new Date(0);
  /** On the board at the last full reading, and newer than what the database had. */
  let suspects: readonly Sample[] = [];
  let suspectedAt = 0;

  function merge(samples: readonly Sample[], from: 'database' | 'poller'): void {
    let newestTs = 0;
    for (const { sample } of board.entries()) newestTs = Math.max(newestTs, sample.ts);
    for (const sample of samples) newestTs = Math.max(newestTs, sample.ts);
    let changed = 0;
    for (const sample of samples) {
      if (!board.get(sample.symbol) && isExpired(sample, newestTs, isMember(sample.symbol))) continue;
      if (board.apply(sample, from) === 'replace') changed += 1;
    }
    if (changed > 0) options.onRepaired();
  }

  function noteReading(read: LatestRead): readonly Sample[] {
    if (read.newestUpdateAt && read.newestUpdateAt > newestUpdateAt) newestUpdateAt = read.newestUpdateAt;
    return read.samples;
  }

  async function readAll(): Promise<void> {
    const startedAt = clock.now();
    const samples = noteReading(await selectLatest(db, MAX_SYMBOLS));
    merge(samples, 'database');
    readAllAt = startedAt;
    suspects = findUnstored(samples, board.entries());
    suspectedAt = startedAt;
  }

  /** By now a commit that was under way has landed: what the database still does not have, it never will. */
  async function takeBackUnstored(): Promise<void> {
    const held = suspects.filter((it) => board.get(it.symbol)?.sample === it);
    suspects = [];
    if (held.length === 0) return;
    const stored = await selectLatestOf(
      db,
      held.map((it) => it.symbol),
    );
    const unstored = new Set(
      findUnstored(
        stored,
        held.map((sample) => ({ sample })),
      ).map((it) => it.symbol),
    );
    if (unstored.size === 0) return;
    for (const symbol of unstored) board.takeBack(symbol);
    options.onTakenBack();
    merge(
      stored.filter((it) => unstored.has(it.symbol)),
      'database',
    );
  }

  return {
    readAll,
    async readChanges() {
      if (clock.now() - readAllAt >= EVERYTHING_EVERY_MS) return readAll();
      const since = new Date(newestUpdateAt.getTime() - OVERLAP_MS);
      merge(noteReading(await selectLatestChangedSince(db, since)), 'database');
      if (clock.now() - suspectedAt >= OVERLAP_MS) await takeBackUnstored();
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

/** The samples of `held` that are newer than what is stored of their symbols. */
function findUnstored(stored: readonly Sample[], held: Iterable<{ sample: Sample }>): Sample[] {
  const bySymbol = new Map(stored.map((it) => [it.symbol, it]));
  return Array.from(held, (it) => it.sample).filter((sample) => {
    const known = bySymbol.get(sample.symbol);
    return known === undefined || compareMoments(sample, known) > 0;
  });
}
