import { randomBytes } from 'node:crypto';
import type {
  BoardPosition,
  BoardRow,
  BoardUpdate,
  MemberFacts,
  RemovedRow,
  Sample,
} from '../openInterest.types.ts';
import { NO_CHANGES, createLastDay, type LastDay } from './lastDay.ts';
import { factsOf, hasSameTraits, withoutOld } from './memberFacts.ts';
import { compareMoments, mergeSample, type MergeOutcome } from './merge.ts';
import { firstPace, nextPace, type Pace } from './pace.ts';
import { readSince, type BoardRead } from './since.ts';
import type { Series, SeriesPoint } from './series.ts';
import type { UsualChanges } from './usual.types.ts';
import { createTombstones, type Tombstones } from './tombstones.ts';

type BoardEntry = { readonly sample: Sample; readonly row: BoardRow } & Pick<Pace, 'oddGapSec'>;

/**
 * What changed on a board in one window. `entered`: the symbols that entered the board in it. `newFacts`: those and the
 * symbols of which a member fact changed.
 */
type ClosedWindow = Omit<BoardUpdate, 'asOf' | 'serverTime'> & {
  entered: ReadonlySet<string>;
  newFacts: ReadonlySet<string>;
};

type BoardOptions = {
  /** Names the run; random unless given. */
  epoch?: string;
  /** Seconds between samples; absent: measured, and assumed by source until two samples have been seen. */
  assumedEverySec?: number;
  /** Whether rows carry changes and a sparkline, computed from each symbol's last day in memory. */
  withLastDay?: boolean;
};

type BoardState = {
  readonly rows: Map<string, BoardEntry>;
  readonly tombstones: Tombstones;
  readonly unpublished: Set<string>;
  /** Symbols that entered the board in this window, and those with a new sparkline, member fact or rarer fact. */
  entered: Set<string>;
  newSparks: Set<string>;
  newFacts: Set<string>;
  newTraits: Set<string>;
  /** A number for each symbol on the board; a symbol that leaves and returns has a new one. */
  readonly ids: Map<string, number>;
  nextId: number;
  readonly lastDay: LastDay | null;
  readonly assumedEverySec: number | null;
  members: ReadonlyMap<string, MemberFacts>;
  seq: number;
  version: number;
};

/**
 * The board: the latest sample of every symbol, and the one fact that makes staying in step simple.
 *
 * `seq` counts published windows. Each row remembers the seq of the window that published its last change; a change
 * that still waits carries the coming one, `seq + 1`. "What did I miss since 4182?" is then "the rows above 4182":
 * there is no replay buffer and nothing is ever too old. A symbol that leaves keeps a tombstone for the epoch, so that
 * a client that missed its removal receives it too. Such a client still shows the sample the symbol left with, so the
 * symbol does not return with an older one.
 *
 * `epoch` names one run of one board. Positions of different epochs cannot be compared, so a client that comes with
 * another one gets everything.
 *
 * The rows are a Map: no symbol name is dangerous.
 */
export function createBoard(options: BoardOptions = {}) {
  const epoch = options.epoch ?? randomBytes(9).toString('base64url');
  const state = emptyState(options);

  return {
    epoch,
    seq: () => state.seq,
    /** Grows with every change of what a reader would see; two reads with the same version see the same rows. */
    version: () => state.version,
    size: () => state.rows.size,
    get: (symbol: string): BoardEntry | undefined => state.rows.get(symbol),
    symbols: () => state.rows.keys(),
    /** Numbers of the symbols on the board. A number means one symbol for the whole epoch. */
    ids: (): ReadonlyMap<string, number> => state.ids,
    entries: () => state.rows.values(),
    /** Exchange time of the newest sample, epoch ms; 0 when the board is empty. */
    newestTs(): number {
      let newest = 0;
      for (const { sample } of state.rows.values()) newest = Math.max(newest, sample.ts);
      return newest;
    },
    /** Merges the sample into its row and into the symbol's last day. Only `replace` changes the board. */
    apply: (sample: Sample, from: 'poller' | 'database') => applySample(state, sample, from),
    /** Adds a point to the symbol's last day alone: the next change of its row is computed with it. */
    fillLastDay: (symbol: string, point: SeriesPoint) => state.lastDay?.add(symbol, point),
    addPast: (symbol: string, past: readonly SeriesPoint[]) => state.lastDay?.fill(symbol, past),
    /** The symbols on the board to whose last day no stored past was added. */
    withoutPast: () => [...state.rows.keys()].filter((it) => state.lastDay?.isFilled(it) === false),
    /** The symbol's last day; `undefined`: nothing is known of it. */
    seriesOf: (symbol: string): Series | undefined => state.lastDay?.seriesOf(symbol),
    /** Sets what is known of the universe's members; of symbols not named nothing is. */
    setMembers: (members: ReadonlyMap<string, MemberFacts>) => setMembers(state, members),
    /** Sets how a symbol on the board usually changes; `null`: unknown. */
    setUsual: (symbol: string, usual: UsualChanges | null) => setUsual(state, symbol, usual),
    /** Removes a symbol and its last day. */
    remove(symbol: string): void {
      state.lastDay?.forget(symbol);
      const entry = state.rows.get(symbol);
      if (entry) removeRow(state, symbol, entry.sample);
    },
    /**
     * Removes a symbol whose sample was never stored, and allows it to return with an older one. The return has to be in
     * a later window, after clients have seen the removal; a client that missed it is given the whole board.
     */
    takeBack(symbol: string): void {
      if (!state.rows.has(symbol)) return;
      removeRow(state, symbol, null);
      state.tombstones.forgetBefore(state.seq + 1);
    },
    hasUnpublished: () => state.unpublished.size > 0,
    /** Closes the window: what changed since the last one. `rows` may be empty. */
    closeWindow: (): ClosedWindow => closeWindow(state, epoch),
    /** What changed after `position`, or everything where the position is unknown. */
    since: (position: BoardPosition | null): BoardRead =>
      readSince(state, position?.epoch === epoch ? position.seq : null),
  };
}

export type Board = ReturnType<typeof createBoard>;

function emptyState(options: BoardOptions): BoardState {
  return {
    rows: new Map(),
    tombstones: createTombstones(),
    unpublished: new Set(),
    entered: new Set(),
    newSparks: new Set(),
    newFacts: new Set(),
    newTraits: new Set(),
    ids: new Map(),
    nextId: 0,
    lastDay: options.withLastDay ? createLastDay() : null,
    assumedEverySec: options.assumedEverySec ?? null,
    members: new Map(),
    seq: 0,
    version: 0,
  };
}

function applySample(state: BoardState, sample: Sample, from: 'poller' | 'database'): MergeOutcome {
  const { symbol } = sample;
  const current = state.rows.get(symbol);
  const outcome = mergeSample(current?.sample, sample, from);
  if (outcome !== 'replace') return outcome;
  const leftWith = state.tombstones.get(symbol)?.leftWith;
  if (leftWith && compareMoments(sample, leftWith) < 0) return 'older';

  const { everySec, oddGapSec } = paceOf(state, current, sample);
  state.lastDay?.add(symbol, sample);
  const changes = state.lastDay?.describe(sample, everySec) ?? NO_CHANGES;
  if (current === undefined) enter(state, symbol);
  if (changes.spark !== current?.row.spark) state.newSparks.add(symbol);
  const row: BoardRow = {
    symbol,
    openInterest: sample.openInterest,
    openInterestUsd: sample.openInterestUsd,
    markPrice: sample.markPrice,
    fundingRate: sample.fundingRate,
    ts: sample.ts,
    source: sample.source,
    everySec,
    ...factsOf(state.members, symbol),
    usual: current?.row.usual ?? null,
    ...changes,
    seq: state.seq + 1,
  };
  state.rows.set(symbol, { sample, row, oddGapSec });
  state.tombstones.delete(symbol);
  touch(state, symbol);
  return outcome;
}

function enter(state: BoardState, symbol: string): void {
  state.ids.set(symbol, state.nextId);
  state.nextId += 1;
  state.entered.add(symbol);
  state.newFacts.add(symbol);
  state.newTraits.add(symbol);
}

function paceOf(state: BoardState, current: BoardEntry | undefined, sample: Sample): Pace {
  if (current?.sample.source === sample.source) {
    const gapSec = (sample.ts - current.sample.ts) / 1_000;
    return nextPace({ everySec: current.row.everySec, oddGapSec: current.oddGapSec }, gapSec);
  }
  if (state.assumedEverySec !== null) return { everySec: state.assumedEverySec, oddGapSec: null };
  return firstPace(sample.source, state.lastDay?.paceOf(sample.symbol) ?? null);
}

function setMembers(state: BoardState, members: ReadonlyMap<string, MemberFacts>): void {
  state.members = members;
  for (const [symbol, entry] of state.rows) {
    const facts = factsOf(members, symbol);
    const hasOldTraits = hasSameTraits(facts, entry.row);
    if (facts.volume24h === entry.row.volume24h && hasOldTraits) continue;
    if (!hasOldTraits) state.newTraits.add(symbol);
    state.rows.set(symbol, { ...entry, row: { ...entry.row, ...facts, seq: state.seq + 1 } });
    state.newFacts.add(symbol);
    touch(state, symbol);
  }
}

function setUsual(state: BoardState, symbol: string, usual: UsualChanges | null): void {
  const entry = state.rows.get(symbol);
  if (entry === undefined || String(entry.row.usual) === String(usual)) return;
  state.rows.set(symbol, { ...entry, row: { ...entry.row, usual, seq: state.seq + 1 } });
  state.newTraits.add(symbol);
  touch(state, symbol);
}

function removeRow(state: BoardState, symbol: string, leftWith: Sample | null): void {
  state.rows.delete(symbol);
  state.ids.delete(symbol);
  state.tombstones.add({ symbol, removed: true, seq: state.seq + 1 }, leftWith);
  touch(state, symbol);
}

function touch(state: BoardState, symbol: string): void {
  state.unpublished.add(symbol);
  state.version += 1;
}

function closeWindow(state: BoardState, epoch: string): ClosedWindow {
  const { entered, newSparks, newFacts, newTraits, seq: from } = state;
  const rows: (BoardRow | RemovedRow)[] = [];
  for (const symbol of state.unpublished) {
    const row = state.rows.get(symbol)?.row;
    const removed = state.tombstones.get(symbol)?.row;
    if (row) rows.push(withoutOld(row, { spark: newSparks.has(symbol), traits: newTraits.has(symbol) }));
    else if (removed) rows.push(removed);
  }
  state.unpublished.clear();
  state.entered = new Set();
  state.newSparks = new Set();
  state.newFacts = new Set();
  state.newTraits = new Set();
  state.seq += 1;
  return { epoch, from, seq: state.seq, rows, entered, newFacts };
}
