import { seesRealtime, tierOf, type Guest, type Principal, type Viewer } from '../../access/access.types.ts';
import type { Clock } from '../../kit/clock.ts';
import { SECOND_MS } from '../../kit/clock.ts';
import type { Hello } from '../../sockets/sockets.types.ts';
import type { Board } from './board.ts';
import type { Audience } from './publisher.types.ts';
import { SNAPSHOT_EVERY_MS, snapshotMarkBefore, type SnapshotBoards } from './snapshotBoards.ts';
import type { BoardBody, BoardPosition, Mode, OpenInterestCacheBody } from '../openInterest.types.ts';
import type { Universe } from '../universe/universe.ts';

/**
 * Who sees which board. This is the only place that decides it; what a board holds and what its room is sent follow.
 * While realtime is switched off, those who would see it get every symbol at the 5-minute marks.
 */
export type Views = {
  viewOf(principal: Principal): View;
  /** What a connecting socket is told, and whom it belongs to. */
  hello(principal: Viewer | Guest): Hello & { audience: Audience };
  /** The body of the board route and of a sync: whole, or what is newer than `position`. */
  body(principal: Principal, position: BoardPosition | null): BoardBody;
  /** The tag of what `body` would answer, without building it. */
  tag(principal: Principal): string;
  /** USD by symbol, as the original answered it. */
  cacheBody(principal: Principal): OpenInterestCacheBody;
};

type View = { board: Board; audience: Audience; mode: Mode };

/** How often every socket is told that its board is alive. */
export const PULSE_MS = 5 * SECOND_MS;

const STALE_MS = 300 * SECOND_MS;
const DANGEROUSLY_STALE_MS = 390 * SECOND_MS;

export function createViews(options: {
  realtime: Board;
  snapshots: SnapshotBoards;
  universe: Pick<Universe, 'members' | 'state'>;
  clock: Clock;
  realtimeEnabled: boolean;
  lastDataAt: () => number | null;
}): Views {
  const { realtime, snapshots, universe, clock, realtimeEnabled } = options;

  function viewOf(principal: Principal): View {
    if (!seesRealtime(principal)) return { board: snapshots.top, audience: 'snapshot', mode: 'snapshot' };
    if (!realtimeEnabled) return { board: snapshots.all, audience: 'snapshotAll', mode: 'snapshot' };
    return { board: realtime, audience: 'realtime', mode: 'realtime' };
  }

  function asOf(mode: Mode): number | null {
    return mode === 'realtime' ? options.lastDataAt() : snapshots.takenAt();
  }

  function nextSnapshotAt(mode: Mode): number | null {
    return mode === 'snapshot' ? snapshotMarkBefore(clock.now()) + SNAPSHOT_EVERY_MS : null;
  }

  function describeUniverse(board: Board, mode: Mode): BoardBody['universe'] {
    const members = universe.members();
    const updatedAt = universe.state()?.updatedAt.getTime() ?? null;
    // The top board is a choice of symbols, so what is missing on it says nothing about sampling.
    const sampled = mode === 'realtime' ? board : snapshots.all;
    const unsampled = members.filter((it) => !sampled.get(it.symbol)).map((it) => it.symbol);
    return { total: members.length, updatedAt, unsampled };
  }

  return {
    viewOf,

    hello(principal) {
      const { board, audience, mode } = viewOf(principal);
      return {
        audience,
        epoch: board.epoch,
        seq: board.seq(),
        serverTime: clock.now(),
        tier: tierOf(principal),
        role: principal.kind === 'viewer' ? principal.role : 'user',
        mode,
        pulseSec: PULSE_MS / SECOND_MS,
        snapshotEverySec: SNAPSHOT_EVERY_MS / SECOND_MS,
      };
    },

    body(principal, position) {
      const { board, mode } = viewOf(principal);
      const read = board.since(position);
      const now = clock.now();
      return {
        epoch: board.epoch,
        seq: read.seq,
        full: read.full,
        ...(read.from === undefined ? {} : { from: read.from }),
        asOf: asOf(mode),
        serverTime: now,
        tier: tierOf(principal),
        mode,
        nextSnapshotAt: nextSnapshotAt(mode),
        universe: describeUniverse(board, mode),
        columns: describeColumns(board),
        rows: read.rows,
      };
    },

    tag(principal) {
      const { board, mode } = viewOf(principal);
      const parts = [
        board.epoch,
        board.seq(),
        board.version(),
        asOf(mode) ?? 'never',
        nextSnapshotAt(mode) ?? 'live',
        universe.state()?.updatedAt.getTime() ?? 'none',
        tierOf(principal),
      ];
      return `W/"oi-${parts.join('-')}"`;
    },

    cacheBody(principal) {
      const { mode } = viewOf(principal);
      const board = mode === 'realtime' ? realtime : snapshots.all;
      const at = asOf(mode);
      const data = new Map<string, number>();
      let newestTs = -Infinity;
      for (const { row } of board.entries()) {
        if (row.openInterestUsd !== null) data.set(row.symbol, row.openInterestUsd);
        newestTs = Math.max(newestTs, row.ts);
      }
      // A mark comes every five minutes, whether or not there was anything new to freeze at it.
      const silenceMs = mode === 'snapshot' && at !== null ? at - newestTs : 0;
      const ageMs = at === null ? Infinity : Math.max(clock.now() - at, silenceMs);
      return {
        data: Object.fromEntries(data),
        stale: ageMs > STALE_MS,
        asOf: at,
        dangerouslyStale: ageMs > DANGEROUSLY_STALE_MS,
      };
    },
  };
}

function describeColumns(board: Board): BoardBody['columns'] {
  let funding = false;
  let volume = false;
  for (const { row } of board.entries()) {
    funding ||= row.fundingRate !== null;
    volume ||= row.volume24h !== null;
    if (funding && volume) break;
  }
  return { funding, volume };
}
