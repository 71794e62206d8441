import type { Tier } from '../access/access.types.ts';
import type { BoardPosition, BoardRow, Mode } from '../openInterest/openInterest.types.ts';
import { isOnline } from './browser.ts';
import { NO_CLOCK_OFFSET, type ClockOffset } from './clockOffset.ts';
import { createListeners } from './listeners.ts';
import type { Retry } from './reconnect.ts';
import type { Refusal } from './refusals.ts';
import { INITIAL_SYNC_STATE } from './sync.step.ts';
import type { SyncState } from './sync.types.ts';

/** What a follower knows of its connection and board. */
type BoardFacts = {
  readonly sync: SyncState;
  readonly clockOffset: ClockOffset;
  /** A browser reports a network; always true in Node. */
  readonly online: boolean;
  /** The next connection attempt; `null` while connected or connecting for the first time. */
  readonly retry: Retry | null;
  readonly refusal: Refusal | null;
};

/**
 * - `connecting`: the first board has not arrived
 * - `live`: the rows are those of the server
 * - `catching-up`: rows are missing and have been, or are about to be, requested
 * - `offline`: the connection is lost; the next attempt is at `retry.at`
 * - `refused`: the server does not serve this client, see `refusal`; no further attempt before `retry()`
 */
export type BoardStatus = 'connecting' | 'live' | 'catching-up' | 'offline' | 'refused';

export type BoardState = BoardFacts & {
  readonly status: BoardStatus;
  /** By symbol. The same `Map` until a row changes; an unchanged row is the same object. */
  readonly rows: ReadonlyMap<string, BoardRow>;
  /** The newest sample's time, epoch ms; `null`: there is none. */
  readonly asOf: number | null;
  readonly position: BoardPosition | null;
  readonly tier: Tier | null;
  readonly mode: Mode | null;
};

const NO_ROWS: ReadonlyMap<string, BoardRow> = new Map();

/** The state of one board, and its subscribers. */
export function createBoardState() {
  const listeners = createListeners<BoardState>();
  let facts: BoardFacts = {
    sync: INITIAL_SYNC_STATE,
    clockOffset: NO_CLOCK_OFFSET,
    online: isOnline(),
    retry: null,
    refusal: null,
  };
  let state = boardState(facts);
  return {
    read: (): BoardState => state,
    change(changed: Partial<BoardFacts>): void {
      facts = { ...facts, ...changed };
      state = boardState(facts);
      listeners.call(state);
    },
    listeners,
  };
}

function boardState(facts: BoardFacts): BoardState {
  const { board } = facts.sync;
  return {
    ...facts,
    status: statusOf(facts),
    rows: board?.rows ?? NO_ROWS,
    asOf: board?.asOf ?? null,
    position: board && { epoch: board.epoch, seq: board.seq },
    tier: board?.facts.tier ?? null,
    mode: board?.facts.mode ?? null,
  };
}

function statusOf({ sync, online, retry, refusal }: BoardFacts): BoardStatus {
  if (refusal) return 'refused';
  if (!online || retry) return 'offline';
  if (!sync.connected) return sync.board && sync.hello ? 'offline' : 'connecting';
  if (!sync.board) return 'connecting';
  return (sync.ask && sync.ask.reason !== 'facts') || !sync.heard ? 'catching-up' : 'live';
}
