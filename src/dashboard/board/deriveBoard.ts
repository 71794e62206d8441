import type { Mode } from '../../openInterest/openInterest.types.ts';
import { connectionState, isReceiving, type ConnectionState } from '../live/connection.ts';
import type { LiveState } from '../live/live.ts';
import { situationOf, type Situation } from '../live/situation.ts';
import type { HeldBoard } from '../../client/sync.types.ts';
import { filterLines } from './filter.ts';
import { countStates, selectLines, type Coverage, type Line } from './lines.ts';
import { holdOrder, type HeldOrder } from './orderHold.ts';
import { dataOf } from './rowFacts.ts';
import { sortSymbols } from './sort.ts';
import { computeTiles, type Tiles } from './tiles.ts';
import { NO_TINTS, nextTints, type Tints } from './tint.ts';
import type { View } from './view.ts';

type Clock = {
  /** The server's clock. */
  readonly now: number;
  /** The table's clock: the server's, or the moment at which updates were paused. */
  readonly tableNow: number;
};

type Source = {
  /** The board that the table shows: the held one while updates are paused. */
  readonly board: HeldBoard | null;
  readonly liveBoard: HeldBoard | null;
  readonly mode: Mode;
  /** Every line of the table before filters. */
  readonly all: readonly Line[];
  readonly liveLines: readonly Line[];
  /** What at least one row has. */
  readonly has: ReturnType<typeof dataOf>;
};

type Summary = {
  /** Of the live board, also while the table is paused. */
  readonly coverage: Coverage;
  readonly newestAgeMs: number | null;
  readonly tiles: Tiles;
};

type Shown = {
  readonly view: View;
  readonly favourites: ReadonlySet<string>;
  readonly listed: ReadonlySet<string> | undefined;
  readonly found: readonly Line[];
  readonly wanted: readonly string[];
  readonly order: HeldOrder;
  /** The filtered lines in the order in which they are shown. */
  readonly lines: readonly Line[];
  readonly total: number;
  readonly hidden: number;
  /** Rows that would move if the order were not held. */
  readonly moved: number;
};

export type BoardState = Clock &
  Source &
  Summary &
  Shown & {
    readonly tints: Tints;
    readonly situation: Situation;
    readonly state: ConnectionState;
    /** Whether a row may be called live. */
    readonly isLive: boolean;
  };

export type BoardInputs = {
  readonly live: LiveState;
  readonly view: View;
  readonly favourites: ReadonlySet<string>;
  /** The symbols of the chosen watchlist. */
  readonly listed: ReadonlySet<string> | undefined;
  /** The viewer is at the rows: they keep their order. */
  readonly busy: boolean;
  /** The viewer asked for the new order now. */
  readonly apply: boolean;
};

/**
 * One step from the board as it was drawn to the board as it is to be drawn. What depends on unchanged inputs stays the
 * same object, so that a component renders only when what it shows has changed.
 */
export function deriveBoard(before: BoardState | null, inputs: BoardInputs): BoardState {
  const { live } = inputs;
  const now = live.now + live.offset.offsetMs;
  const clock = { now, tableNow: live.paused?.at ?? now };
  const source = deriveSource(before, live);
  const summary = deriveSummary(before, source, clock);
  const situation = situationOf(live, {
    snapshot: source.mode === 'snapshot',
    coverage: summary.coverage,
    newestAgeMs: summary.newestAgeMs,
  });
  const state = connectionState(situation);
  const isSame = before?.board === source.board && sameSecond(before.tableNow, clock.tableNow);
  return {
    ...clock,
    ...source,
    ...summary,
    ...deriveShown(before, inputs, source, clock),
    tints: isSame ? before.tints : nextTints(before?.tints ?? NO_TINTS, source.board, clock.tableNow),
    situation,
    state,
    isLive: source.mode === 'realtime' && isReceiving(state),
  };
}

function deriveSource(before: BoardState | null, live: LiveState): Source {
  const liveBoard = live.sync.board;
  const board = live.paused?.board ?? liveBoard;
  if (before && before.board === board && before.liveBoard === liveBoard) return pickSource(before);
  const all = board ? selectLines(board) : [];
  const liveLines = board === liveBoard ? all : liveBoard ? selectLines(liveBoard) : [];
  const mode = board?.facts.mode ?? 'realtime';
  return { board, liveBoard, mode, all, liveLines, has: keepIfEqual(before?.has, dataOf(board?.rows)) };
}

function pickSource(source: Source): Source {
  const { board, liveBoard, mode, all, liveLines, has } = source;
  return { board, liveBoard, mode, all, liveLines, has };
}

/** Once a second at most, however often updates arrive: figures that flicker cannot be read. */
function deriveSummary(before: BoardState | null, { liveLines, mode }: Source, { now }: Clock): Summary {
  const isCurrent =
    before !== null &&
    sameSecond(before.now, now) &&
    before.liveLines.length === liveLines.length &&
    before.mode === mode;
  if (isCurrent) {
    const { coverage, newestAgeMs, tiles } = before;
    return { coverage, newestAgeMs, tiles };
  }
  return {
    coverage: keepIfEqual(before?.coverage, countStates(liveLines, now, mode)),
    newestAgeMs: ageOfNewest(liveLines, now),
    tiles: keepIfEqual(before?.tiles, computeTiles(liveLines, now, mode)),
  };
}

function deriveShown(before: BoardState | null, inputs: BoardInputs, source: Source, clock: Clock): Shown {
  const { view, favourites, listed, busy, apply } = inputs;
  const { all, mode } = source;
  const { tableNow } = clock;
  const isSameView = before?.view === view && before.favourites === favourites && before.listed === listed;
  const isSameTime = before !== null && sameSecond(before.tableNow, tableNow);
  const found =
    isSameView && isSameTime && before.all === all
      ? before.found
      : filterLines(all, view, { ...view, now: tableNow, mode, favourites, listed });
  const wanted =
    isSameView && before.found === found
      ? before.wanted
      : sortSymbols(found, view.sort, { ...view, favourites });
  const of = orderKey(view, favourites, listed);
  const order = holdOrder(before?.order ?? null, { order: wanted, of, now: clock.now, busy, apply });
  const lines =
    before?.all === all && before.order.order === order.order ? before.lines : linesOf(all, order.order);
  return {
    view,
    favourites,
    listed,
    found,
    wanted,
    order,
    lines,
    total: all.length,
    hidden: all.length - found.length,
    moved: busy ? order.moved : 0,
  };
}

/** The part of the view that the order of rows depends on. */
function orderKey(view: View, favourites: ReadonlySet<string>, listed?: ReadonlySet<string>): string {
  const { symbol: _, range: __, alert: ___, alertRange: ____, columns: _____, ...what } = view;
  return JSON.stringify([what, view.favouritesOnly ? favourites.size : 0, listed?.size]);
}

function linesOf(all: readonly Line[], order: readonly string[]): Line[] {
  const bySymbol = new Map(all.map((line) => [line.symbol, line]));
  return order.map((symbol) => bySymbol.get(symbol) ?? { symbol, row: null });
}

function ageOfNewest(lines: readonly Line[], now: number): number | null {
  let newest: number | null = null;
  for (const { row } of lines) if (row !== null && (newest === null || row.ts > newest)) newest = row.ts;
  return newest === null ? null : Math.max(0, now - newest);
}

function sameSecond(a: number, b: number): boolean {
  return Math.floor(a / 1_000) === Math.floor(b / 1_000);
}

/** For small plain objects. */
function keepIfEqual<Value>(held: Value | undefined, next: Value): Value {
  return held && JSON.stringify(held) === JSON.stringify(next) ? held : next;
}
