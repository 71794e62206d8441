import { randomBytes } from 'node:crypto';
import { compareMoments, mergeSample } from './merge.ts';
import { NO_PAST, type Past } from './past.ts';
import type { BoardPosition, BoardRow, BoardUpdate, RemovedRow, Sample } from '../openInterest.types.ts';

/**
 * The board: the latest sample of every symbol, and the one fact that makes staying in step simple.
 *
 * `seq` counts published windows. Each row remembers the seq of the window that published its last change; a change
 * that still waits carries the coming one, `seq + 1`. "What did I miss since 4182?" is then "the rows above 4182":
 * there is no replay buffer and nothing is ever too old. A symbol that leaves keeps a tombstone for the epoch, so that
 * a client that missed its departure hears of it too. Such a client still shows the sample the symbol left with, so the
 * symbol does not come back with an older one.
 *
 * `epoch` names one run of one board. Positions of different epochs cannot be compared, so a client that comes with
 * another one gets everything.
 *
 * The board is a Map: no symbol name is dangerous.
 */
export type Board = {
  readonly epoch: string;
  seq(): number;
  /** Grows with every change of what a reader would see; two reads with the same version see the same rows. */
  version(): number;
  size(): number;
  get(symbol: string): BoardEntry | undefined;
  symbols(): IterableIterator<string>;
  entries(): IterableIterator<BoardEntry>;
  /** What became of the sample: only `replace` changed the board. */
  apply(sample: Sample, from: 'poller' | 'database'): 'replace' | 'same' | 'older';
  /** 24 h quote volumes in USD by symbol; symbols not named become unknown. */
  setVolumes(volumes: ReadonlyMap<string, number>): void;
  remove(symbol: string): void;
  /**
   * Removes a symbol whose sample was never stored, and lets it come back with an older one. That has to be in a later
   * window: who follows must hear of the removal first. Who has not is given everything.
   */
  takeBack(symbol: string): void;
  hasUnpublished(): boolean;
  /** Closes the window: what changed since the last one. `rows` may be empty. */
  publish(): Omit<BoardUpdate, 'asOf' | 'serverTime'>;
  since(position: BoardPosition | null): BoardRead;
};

type BoardEntry = {
  readonly sample: Sample;
  readonly row: BoardRow;
  /** Seconds before the sample, if that was too long for the pace; else `null`. */
  readonly oddGapSec: number | null;
};

export type BoardRead = { full: boolean; from?: number; seq: number; rows: (BoardRow | RemovedRow)[] };

/** Seconds between samples that are assumed until two samples have been seen. */
const ASSUMED_EVERY_SEC = { realtime: 30, snapshot: 300, snapshot_legacy: 300, backfill: 300 } as const;
/** A pace slower than this is none: the symbol is not polled. */
const SLOWEST_PACE_SEC = 900;
/** A gap so many times the usual one is an outage and says nothing about the pace, unless the next one is as long. */
const ODD_GAP = 3;
/** Shorter gaps change nothing that a reader sees: a symbol is live for as long in any case. */
const SHORTEST_ODD_GAP_SEC = 45;
/** Weight of the newest gap in the running average: one late sample moves it a little, a new pace within ten samples. */
const NEWEST_GAP_WEIGHT = 0.3;

/** Far more than ever leave; a sender of invented symbols must not fill the memory. */
const MAX_TOMBSTONES = 10_000;

export type BoardOptions = {
  /** Names the run; random unless given. */
  epoch?: string;
  /** Seconds between samples that are assumed until two have been seen; else by source. */
  assumedEverySec?: number;
  /** Rows tell of it, and what comes to the board becomes part of it. Absent: rows tell nothing of the past. */
  past?: Past;
};

export function createBoard(options: BoardOptions = {}): Board {
  const epoch = options.epoch ?? randomBytes(9).toString('base64url');
  const rows = new Map<string, BoardEntry>();
  const tombstones = new Map<string, { row: RemovedRow; leftWith: Sample | null }>();
  const unpublished = new Set<string>();
  const newSparks = new Set<string>();
  let volumes: ReadonlyMap<string, number> = new Map();
  /** Tombstones up to this seq may have been dropped: who is not beyond it gets everything. */
  let forgottenSeq = 0;
  let seq = 0;
  let version = 0;

  function touch(symbol: string): void {
    unpublished.add(symbol);
    version += 1;
  }

  function bury(symbol: string, leftWith: Sample | null): void {
    rows.delete(symbol);
    tombstones.set(symbol, { row: { symbol, removed: true, seq: seq + 1 }, leftWith });
    if (tombstones.size > MAX_TOMBSTONES) {
      const [oldest, { row }] = tombstones.entries().next().value!;
      tombstones.delete(oldest);
      forgottenSeq = Math.max(forgottenSeq, row.seq);
    }
    touch(symbol);
  }

  return {
    epoch,
    seq: () => seq,
    version: () => version,
    size: () => rows.size,
    get: (symbol) => rows.get(symbol),
    symbols: () => rows.keys(),
    entries: () => rows.values(),

    apply(sample, from) {
      const held = rows.get(sample.symbol);
      const outcome = mergeSample(held?.sample, sample, from);
      if (outcome !== 'replace') return outcome;
      const gone = tombstones.get(sample.symbol);
      if (gone?.leftWith && compareMoments(sample, gone.leftWith) < 0) return 'older';
      const { everySec, oddGapSec } = computePace(
        held,
        sample,
        options.assumedEverySec ?? null,
        options.past,
      );
      options.past?.add(sample.symbol, sample);
      const past = options.past?.describe(sample, everySec) ?? NO_PAST;
      if (past.spark !== held?.row.spark) newSparks.add(sample.symbol);
      const row: BoardRow = {
        symbol: sample.symbol,
        openInterest: sample.openInterest,
        openInterestUsd: sample.openInterestUsd,
        markPrice: sample.markPrice,
        fundingRate: sample.fundingRate,
        ts: sample.ts,
        source: sample.source,
        everySec,
        volume24h: volumes.get(sample.symbol) ?? null,
        ...past,
        seq: seq + 1,
      };
      rows.set(sample.symbol, { sample, row, oddGapSec });
      tombstones.delete(sample.symbol);
      touch(sample.symbol);
      return outcome;
    },

    setVolumes(next) {
      volumes = next;
      for (const [symbol, { sample, row, oddGapSec }] of rows) {
        const volume24h = volumes.get(symbol) ?? null;
        if (row.volume24h === volume24h) continue;
        rows.set(symbol, { sample, row: { ...row, volume24h, seq: seq + 1 }, oddGapSec });
        touch(symbol);
      }
    },

    remove(symbol) {
      const held = rows.get(symbol);
      if (held) bury(symbol, held.sample);
    },

    takeBack(symbol) {
      if (!rows.has(symbol)) return;
      bury(symbol, null);
      forgottenSeq = seq + 1;
    },

    hasUnpublished: () => unpublished.size > 0,

    publish() {
      const changed: (BoardRow | RemovedRow)[] = [];
      for (const symbol of unpublished) {
        const row = rows.get(symbol)?.row;
        if (row) changed.push(newSparks.has(symbol) ? row : withoutSpark(row));
        else if (tombstones.has(symbol)) changed.push(tombstones.get(symbol)!.row);
      }
      unpublished.clear();
      newSparks.clear();
      const from = seq;
      seq += 1;
      return { epoch, from, seq, rows: changed };
    },

    since(position) {
      const isKnown = position?.epoch === epoch && position.seq >= forgottenSeq && position.seq <= seq;
      const known = isKnown ? position.seq : undefined;
      if (known === undefined) return { full: true, seq, rows: Array.from(rows.values(), (it) => it.row) };
      const newer: (BoardRow | RemovedRow)[] = [];
      for (const { row } of rows.values()) if (row.seq > known) newer.push(row);
      for (const { row } of tombstones.values()) if (row.seq > known) newer.push(row);
      return { full: false, from: known, seq, rows: newer };
    },
  };
}

/** A spark is as long as the rest of a row and rarely changes. */
function withoutSpark(row: BoardRow): BoardRow {
  const rest = { ...row };
  delete rest.spark;
  return rest;
}

/** A pace that no gap has shown yet: the first gap counts, however long it is. */
const UNSEEN = Infinity;

/** Of a symbol that enters the board: what its past shows, else what is usual. */
function firstPace({ symbol, source }: Sample, past: Past | undefined): Pace {
  const seen = source === 'realtime' ? past?.paceOf(symbol) : null;
  return { everySec: seen ?? ASSUMED_EVERY_SEC[source], oddGapSec: seen == null ? UNSEEN : null };
}

type Pace = Pick<BoardRow, 'everySec'> & Pick<BoardEntry, 'oddGapSec'>;

/** The running average of the gaps between a symbol's samples, in whole seconds, outages left out. */
function computePace(
  held: BoardEntry | undefined,
  sample: Sample,
  assumedSec: number | null,
  past: Past | undefined,
): Pace {
  if (held === undefined || held.sample.source !== sample.source) {
    return assumedSec === null ? firstPace(sample, past) : { everySec: assumedSec, oddGapSec: null };
  }
  const { everySec } = held.row;
  const gapSec = (sample.ts - held.sample.ts) / 1_000;
  if (gapSec <= 0 || gapSec > SLOWEST_PACE_SEC) return { everySec, oddGapSec: null };
  if (gapSec > Math.max(SHORTEST_ODD_GAP_SEC, ODD_GAP * everySec)) {
    // Two in a row are no outage, the pace is another one.
    const slower = held.oddGapSec === null ? everySec : Math.round(Math.min(gapSec, held.oddGapSec));
    return { everySec: slower, oddGapSec: gapSec };
  }
  const average = everySec * (1 - NEWEST_GAP_WEIGHT) + gapSec * NEWEST_GAP_WEIGHT;
  return { everySec: Math.max(1, Math.round(average)), oddGapSec: null };
}
