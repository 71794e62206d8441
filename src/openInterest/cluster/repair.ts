import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
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
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { Sample } from '../openInterest.types.ts';

/** Commits can land late: each read overlaps the one before. */
const OVERLAP_MS = 60 * SECOND_MS;
const EVERYTHING_EVERY_MS = 5 * MINUTE_MS;

/**
 * Brings the board to what the database has: all of it at start, then what changed lately, and the whole table now and
 * then. It repairs what the bus between nodes has lost, and removes what was shown and never stored.
 */
export function createRepair(ctx: RepairContext) {
  const state: RepairState = {
    readAllAt: -Infinity,
    newestUpdateAt: new Date(0),
    suspects: [],
    suspectedAt: 0,
  };
  return {
    /** Reads the whole table. */
    readAll: () => readAll(ctx, state),
    /** Reads what was written since the last read, or everything when that was long ago. */
    async readChanges(): Promise<void> {
      const now = ctx.clock.now();
      // A time in the future is from before the clock was set back: how long ago it was is not known.
      if (Math.abs(now - state.readAllAt) >= EVERYTHING_EVERY_MS) return readAll(ctx, state);
      const since = new Date(state.newestUpdateAt.getTime() - OVERLAP_MS);
      mergeStored(ctx, noteRead(state, await selectLatestChangedSince(ctx.stores.upkeep, since)));
      if (Math.abs(now - state.suspectedAt) >= OVERLAP_MS) await takeBackUnstored(ctx, state);
    },
    /** Merges what is newer in a copy of the board. Unlike the database, a copy never wins at the same moment. */
    addCopy(samples: readonly Sample[]): void {
      const now = ctx.clock.now();
      mergeLive(
        ctx,
        samples.filter((it) => it.source !== 'backfill' && isPlausible(it, now)),
        'poller',
      );
    },
  };
}

export type Repair = ReturnType<typeof createRepair>;

type RepairContext = Pick<OpenInterestContext, 'board' | 'clock'> & {
  readonly stores: Pick<OpenInterestContext['stores'], 'upkeep'>;
  readonly universe: Pick<OpenInterestContext['universe'], 'has'>;
  readonly window: Pick<OpenInterestContext['window'], 'markChanged' | 'flush'>;
};

type RepairState = {
  readAllAt: number;
  newestUpdateAt: Date;
  /** On the board at the last full read, and newer than what the database had. */
  suspects: readonly Sample[];
  suspectedAt: number;
};

async function readAll(ctx: RepairContext, state: RepairState): Promise<void> {
  const startedAt = ctx.clock.now();
  const samples = noteRead(state, await selectLatest(ctx.stores.upkeep, MAX_SYMBOLS));
  mergeStored(ctx, samples);
  state.readAllAt = startedAt;
  state.suspects = findUnstored(
    samples,
    Array.from(ctx.board.entries(), (it) => it.sample),
  );
  state.suspectedAt = startedAt;
}

/** By now every commit that was under way has landed: what the database still does not have was never stored. */
async function takeBackUnstored(ctx: RepairContext, state: RepairState): Promise<void> {
  const shown = state.suspects.filter((it) => ctx.board.get(it.symbol)?.sample === it);
  state.suspects = [];
  if (shown.length === 0) return;
  const stored = await selectLatestOf(
    ctx.stores.upkeep,
    shown.map((it) => it.symbol),
  );
  const unstored = new Set(findUnstored(stored, shown).map((it) => it.symbol));
  if (unstored.size === 0) return;
  for (const symbol of unstored) ctx.board.takeBack(symbol);
  // The removal has to be published before anything arrives in its place.
  ctx.window.flush();
  mergeStored(
    ctx,
    stored.filter((it) => unstored.has(it.symbol)),
  );
}

function noteRead(state: RepairState, { newestUpdateAt, samples }: LatestRead): readonly Sample[] {
  if (newestUpdateAt && newestUpdateAt > state.newestUpdateAt) state.newestUpdateAt = newestUpdateAt;
  return samples;
}

function mergeStored(ctx: RepairContext, samples: readonly Sample[]): void {
  mergeLive(ctx, samples, 'database');
}

/** Merges samples whose symbols would not leave the board at the next eviction. */
function mergeLive(
  { board, universe, window }: RepairContext,
  samples: readonly Sample[],
  from: 'database' | 'poller',
): void {
  const newestTs = samples.reduce((newest, { ts }) => Math.max(newest, ts), board.newestTs());
  const changed = samples.filter((sample) => {
    const isGone = !board.get(sample.symbol) && isExpired(sample, newestTs, universe.has(sample.symbol));
    return !isGone && board.apply(sample, from) === 'replace';
  });
  if (changed.length > 0) window.markChanged();
}

/** The samples of `shown` that are newer than what is stored of their symbols. */
function findUnstored(stored: readonly Sample[], shown: readonly Sample[]): Sample[] {
  const bySymbol = new Map(stored.map((it) => [it.symbol, it]));
  return shown.filter((sample) => {
    const known = bySymbol.get(sample.symbol);
    return known === undefined || compareMoments(sample, known) > 0;
  });
}
