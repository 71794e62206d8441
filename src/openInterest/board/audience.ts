import { seesRealtime, tierOf, type Guest, type Principal, type Viewer } from '../../access/access.types.ts';
import { SECOND_MS } from '../../kit/clock.ts';
import type { Hello } from '../../sockets/sockets.types.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { BoardBody, BoardPosition, Mode, OpenInterestCacheBody } from '../openInterest.types.ts';
import type { Board } from './board.ts';
import { encodeBody } from './frames.shared.ts';
import type { BodyFrame } from './frames.types.ts';
import type { Audience } from './publisher.types.ts';
import { SNAPSHOT_EVERY_MS, snapshotMarkBefore } from './snapshotBoards.ts';

/** Who sees which board: `viewOf` alone decides it, and what is read, sent and pushed follows from it. */
type View = { board: Board; audience: Audience; mode: Mode };

export type ViewContext = Pick<OpenInterestContext, 'board' | 'snapshots' | 'universe' | 'clock' | 'feed'> & {
  readonly settings: Pick<OpenInterestContext['settings'], 'realtimeEnabled'>;
};

/** How often every socket receives the position of its board. */
export const PULSE_MS = 5 * SECOND_MS;

const STALE_MS = 300 * SECOND_MS;
const DANGEROUSLY_STALE_MS = 390 * SECOND_MS;

/**
 * Pro, Elite and operators see the live board, all others the top 50 at the last 5-minute mark. While realtime is
 * switched off, the former see every symbol at the marks.
 */
export function viewOf(ctx: ViewContext, principal: Principal): View {
  const { board, snapshots } = ctx;
  if (!seesRealtime(principal)) return { board: snapshots.top, audience: 'snapshot', mode: 'snapshot' };
  if (!publishesRealtime(ctx)) return { board: snapshots.all, audience: 'snapshotAll', mode: 'snapshot' };
  return { board, audience: 'realtime', mode: 'realtime' };
}

/** Whether windows and alerts are sent as they happen. */
export function publishesRealtime({ settings }: Pick<ViewContext, 'settings'>): boolean {
  return settings.realtimeEnabled;
}

/** What a connecting socket receives, its audience, and the numbers of the symbols on its board. */
export function helloOf(
  ctx: ViewContext,
  principal: Viewer | Guest,
): Hello & { audience: Audience; ids: ReadonlyMap<string, number> } {
  const { board, audience, mode } = viewOf(ctx, principal);
  return {
    audience,
    ids: board.ids(),
    epoch: board.epoch,
    seq: board.seq(),
    serverTime: ctx.clock.now(),
    tier: tierOf(principal),
    role: principal.kind === 'viewer' ? principal.role : 'user',
    mode,
    pulseSec: PULSE_MS / SECOND_MS,
    snapshotEverySec: SNAPSHOT_EVERY_MS / SECOND_MS,
  };
}

/** The body of the board route and of a sync: whole, or what is newer than `position`. */
export function boardBodyOf(
  ctx: ViewContext,
  principal: Principal,
  position: BoardPosition | null,
): BoardBody {
  const { board, mode } = viewOf(ctx, principal);
  const read = board.since(position);
  return {
    epoch: board.epoch,
    seq: read.seq,
    full: read.full,
    ...(read.from === undefined ? {} : { from: read.from }),
    asOf: asOf(ctx, mode),
    serverTime: ctx.clock.now(),
    tier: tierOf(principal),
    mode,
    nextSnapshotAt: nextSnapshotAt(ctx, mode),
    universe: describeUniverse(ctx, board, mode),
    columns: describeColumns(board),
    rows: read.rows,
  };
}

/** `boardBodyOf` as columns. */
export function boardFrameOf(
  ctx: ViewContext,
  principal: Principal,
  position: BoardPosition | null,
): BodyFrame {
  return encodeBody(boardBodyOf(ctx, principal, position), viewOf(ctx, principal).board.ids());
}

/** The entity tag of `boardBodyOf`, without building the body. */
export function boardTagOf(ctx: ViewContext, principal: Principal): string {
  const { board, mode } = viewOf(ctx, principal);
  const parts = [
    board.epoch,
    board.seq(),
    board.version(),
    asOf(ctx, mode) ?? 'never',
    nextSnapshotAt(ctx, mode) ?? 'live',
    ctx.universe.state()?.updatedAt.getTime() ?? 'none',
    tierOf(principal),
  ];
  return `W/"oi-${parts.join('-')}"`;
}

/** USD by symbol, in the shape of the original. */
export function cacheBodyOf(ctx: ViewContext, principal: Principal): OpenInterestCacheBody {
  const { mode } = viewOf(ctx, principal);
  const board = mode === 'realtime' ? ctx.board : ctx.snapshots.all;
  const at = asOf(ctx, mode);
  const data = new Map<string, number>();
  let newestTs = -Infinity;
  for (const { row } of board.entries()) {
    if (row.openInterestUsd !== null) data.set(row.symbol, row.openInterestUsd);
    newestTs = Math.max(newestTs, row.ts);
  }
  // Marks follow the clock, whether or not there was anything new to freeze.
  const silenceMs = mode === 'snapshot' && at !== null ? at - newestTs : 0;
  const ageMs = at === null ? Infinity : Math.max(ctx.clock.now() - at, silenceMs);
  return {
    data: Object.fromEntries(data),
    stale: ageMs > STALE_MS,
    asOf: at,
    dangerouslyStale: ageMs > DANGEROUSLY_STALE_MS,
  };
}

function asOf({ feed, snapshots }: ViewContext, mode: Mode): number | null {
  return mode === 'realtime' ? feed.lastDataAt : snapshots.takenAt();
}

function nextSnapshotAt({ clock }: ViewContext, mode: Mode): number | null {
  return mode === 'snapshot' ? snapshotMarkBefore(clock.now()) + SNAPSHOT_EVERY_MS : null;
}

function describeUniverse(ctx: ViewContext, board: Board, mode: Mode): BoardBody['universe'] {
  const members = ctx.universe.members();
  const updatedAt = ctx.universe.state()?.updatedAt.getTime() ?? null;
  // The top board is a selection, so a symbol that is missing on it may well be sampled.
  const sampled = mode === 'realtime' ? board : ctx.snapshots.all;
  const unsampled = members.filter((it) => !sampled.get(it.symbol)).map((it) => it.symbol);
  return { total: members.length, updatedAt, unsampled };
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
