import { useMemo, useRef } from 'react';
import type { Dashboard } from '../dashboard.ts';
import { useStore } from '../live/store.ts';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import type { HeldBoard } from '../sync/sync.types.ts';
import { filterLines } from './filter.ts';
import { countStates, selectLines, type Coverage, type Line } from './lines.ts';
import { holdOrder, type HeldOrder } from './orderHold.ts';
import { sortSymbols } from './sort.ts';
import { computeTiles, type Tiles } from './tiles.ts';

/** What is drawn of the board, in the order in which it stands. */
export type BoardModel = {
  readonly board: HeldBoard | null;
  readonly mode: Mode;
  /** The server's clock; of the table, which stands still while it is paused. */
  readonly tableNow: number;
  readonly now: number;
  readonly lines: readonly Line[];
  /** Of the live board, also while the table is paused. */
  readonly coverage: Coverage;
  readonly newestAgeMs: number | null;
  readonly tiles: Tiles;
  readonly total: number;
  readonly hidden: number;
  /** Rows that would stand elsewhere if somebody were not at them. */
  readonly moved: number;
  /** Moves the rows to where they belong. */
  apply: () => void;
};

export function useBoard(dashboard: Dashboard, busy: boolean): BoardModel {
  const live = useStore(dashboard.live.store);
  const view = useStore(dashboard.view);
  const favourites = useStore(dashboard.favourites);
  const held = useRef<HeldOrder | null>(null);
  const applied = useRef(false);

  const now = live.now + live.offset.offsetMs;
  const tableNow = live.paused?.at ?? now;
  const liveBoard = live.sync.board;
  const board = live.paused?.board ?? liveBoard;
  const mode = board?.facts.mode ?? 'realtime';
  const second = Math.floor(now / 1_000);

  const lines = useMemo(() => (board ? selectLines(board) : []), [board]);
  const liveLines = useMemo(() => (liveBoard ? selectLines(liveBoard) : []), [liveBoard]);
  const { coverage, newestAgeMs, tiles } = useMemo(
    () => ({
      coverage: countStates(liveLines, now, mode),
      newestAgeMs: ageOfNewest(liveLines, now),
      tiles: computeTiles(liveLines, now, mode),
    }),
    // Once a second at most, whatever arrives: numbers that flicker cannot be read.
    [second, liveLines.length, mode],
  );

  const found = useMemo(
    () => filterLines(lines, view, { ...view, now: tableNow, mode, favourites }),
    [lines, view, mode, favourites, Math.floor(tableNow / 1_000)],
  );
  const wanted = useMemo(
    () => sortSymbols(found, view.sort, { ...view, favourites }),
    [found, view, favourites],
  );

  const { symbol: _, range: __, alert: ___, columns: ____, ...what } = view;
  const of = JSON.stringify([what, view.favouritesOnly ? favourites.size : 0]);
  const order = holdOrder(held.current, { order: wanted, of, now, busy, apply: applied.current });
  held.current = order;
  applied.current = false;

  const ordered = useMemo(() => {
    const bySymbol = new Map(lines.map((line) => [line.symbol, line]));
    return order.order.map((symbol) => bySymbol.get(symbol) ?? { symbol, row: null });
  }, [lines, order.order]);

  return {
    board,
    mode,
    tableNow,
    now,
    lines: ordered,
    coverage,
    newestAgeMs,
    tiles,
    total: lines.length,
    hidden: lines.length - found.length,
    moved: busy ? order.moved : 0,
    apply() {
      applied.current = true;
      dashboard.live.store.set((it) => ({ ...it, now: Date.now() }));
    },
  };
}

function ageOfNewest(lines: readonly Line[], now: number): number | null {
  let newest: number | null = null;
  for (const { row } of lines) if (row !== null && (newest === null || row.ts > newest)) newest = row.ts;
  return newest === null ? null : Math.max(0, now - newest);
}
