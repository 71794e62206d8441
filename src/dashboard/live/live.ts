import { createStore } from 'zustand/vanilla';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { NO_CLOCK_OFFSET } from '../../client/clockOffset.ts';
import { followBoard } from '../../client/followBoard.ts';
import type { Retry } from '../../client/reconnect.ts';
import { monotonicClock } from '../../client/sync.clock.ts';
import { INITIAL_SYNC_STATE } from '../../client/sync.step.ts';
import type { HeldBoard, SyncState } from '../../client/sync.types.ts';
import { BoardBody } from '../../openInterest/openInterest.types.ts';
import type { AlertFiring } from '../../openInterest/rules/alertFiring.types.ts';
import { getJson } from './api.ts';

export type LiveState = Readonly<ReturnType<typeof initialState>>;

function initialState() {
  return {
    sync: INITIAL_SYNC_STATE,
    offset: NO_CLOCK_OFFSET,
    online: navigator.onLine,
    /** The next connection attempt; `null` while connected or connecting for the first time. */
    retry: null as Retry | null,
    /** When the page fell behind the server, by the monotonic clock. */
    behindSince: null as number | null,
    /** The board as it was when updates were paused. */
    paused: null as { readonly at: number; readonly board: HeldBoard } | null,
    /** Wall clock, updated once a second. All ages are computed from it. */
    now: Date.now(),
  };
}

export type LiveOptions = {
  /** Guests get the board from the socket alone: the route is for users. */
  isGuest: boolean;
  onAlert: (alert: OpenInterestAlert) => void;
  /** A rule of the viewer fired. */
  onFiring: (firing: AlertFiring) => void;
  /** The connection is back after it was lost. */
  onReturn: () => void;
  onTierChange: () => void;
  /** The user has to sign in again. */
  onSessionEnd: () => void;
};

const TICK_MS = 1_000;

/** The page's only socket, kept outside React. */
export function createLive(options: LiveOptions) {
  const store = createStore<LiveState>(initialState);

  const board = followBoard('/', {
    onSessionEnd: ({ reason }) => reason === 'tier_changed' && options.onTierChange(),
  });
  board.onAlert(options.onAlert);
  board.onFiring(options.onFiring);
  board.subscribe(({ sync, clockOffset, online, retry, refusal }) => {
    const held = store.getState();
    const isBack = sync.connected && !held.sync.connected && held.sync.hello !== null;
    store.setState({
      sync,
      offset: clockOffset,
      online,
      retry,
      behindSince: behindSince(held.behindSince, sync),
      ...(retry !== held.retry && { now: Date.now() }),
    });
    if (isBack) options.onReturn();
    if (!refusal) return;
    board.close();
    options.onSessionEnd();
  });

  setInterval(() => store.setState({ now: Date.now() }), TICK_MS);
  // Painted until the socket has the board: one round trip earlier.
  if (!options.isGuest) void readBoard().then((body) => body && board.paint(body));

  return {
    store,
    pause() {
      const { sync: held, offset } = store.getState();
      if (held.board) store.setState({ paused: { at: Date.now() + offset.offsetMs, board: held.board } });
    },
    resume: () => store.setState({ paused: null }),
    /** Does not wait for the next attempt. */
    retryNow: board.retry,
  };
}

function behindSince(held: number | null, { ask, board }: SyncState): number | null {
  const isBehind = ask !== null && ask.reason !== 'facts' && board !== null;
  return isBehind ? (held ?? monotonicClock.now()) : null;
}

/** The board by HTTP, for the first paint. `null` when it cannot be had: the socket will bring it. */
async function readBoard(): Promise<BoardBody | null> {
  try {
    return await getJson('/api/market/open-interest/board', BoardBody);
  } catch {
    return null;
  }
}
