import { io } from 'socket.io-client';
import { createStore } from 'zustand/vanilla';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import type { SessionEnd } from '../../sockets/sockets.types.ts';
import { monotonicClock } from '../../client/sync.clock.ts';
import { followBoard, type OpenInterestSocket } from '../../client/sync.socket.ts';
import { INITIAL_SYNC_STATE } from '../../client/sync.step.ts';
import type { BoardSync } from '../../client/sync.driver.ts';
import type { HeldBoard, SyncState } from '../../client/sync.types.ts';
import { NO_CLOCK_OFFSET, adjustClockOffset, type ClockOffset } from './clockOffset.ts';
import { readBoard } from './firstPaint.ts';
import { createReconnect, type Retry } from './reconnect.ts';

export type LiveState = {
  readonly sync: SyncState;
  readonly offset: ClockOffset;
  readonly online: boolean;
  /** The next connection attempt; `null` while connected or connecting for the first time. */
  readonly retry: Retry | null;
  /** When the page fell behind the server, by the monotonic clock. */
  readonly behindSince: number | null;
  /** The board as it was when updates were paused. */
  readonly paused: { readonly at: number; readonly board: HeldBoard } | null;
  /** Wall clock, updated once a second. All ages are computed from it. */
  readonly now: number;
};

export type LiveOptions = {
  onAlert: (alert: OpenInterestAlert) => void;
  /** The connection is back after it was lost. */
  onReturn: () => void;
  onTierChange: () => void;
  /** The user has to sign in again. */
  onSessionEnd: (reason: SessionEnd['reason']) => void;
};

const TICK_MS = 1_000;

/** The page's only socket, kept outside React. */
export function createLive(options: LiveOptions) {
  const store = createStore<LiveState>(() => ({
    sync: INITIAL_SYNC_STATE,
    offset: NO_CLOCK_OFFSET,
    online: navigator.onLine,
    retry: null,
    behindSince: null,
    paused: null,
    now: Date.now(),
  }));

  // Socket.IO does not reconnect after the server disconnects, and does not say when its next attempt is.
  const socket: OpenInterestSocket = io({ transports: ['websocket', 'polling'], reconnection: false });
  const reconnect = createReconnect(socket, {
    onRetry: (retry) => store.setState({ retry, now: Date.now() }),
    onReturn: options.onReturn,
    onSessionEnd: () => options.onSessionEnd('expired'),
  });
  const sync = followBoard(socket, {
    onChange: (state) =>
      store.setState((held) => ({ sync: state, behindSince: behindSince(held.behindSince, state) })),
    onAlert: options.onAlert,
    onSessionEnd({ reason }) {
      if (reason === 'tier_changed') return options.onTierChange();
      reconnect.stop();
      options.onSessionEnd(reason);
    },
    onServerTime(serverTime, sentAt) {
      const tookMs = sentAt === null ? null : monotonicClock.now() - sentAt;
      const held = store.getState().offset;
      const offset = adjustClockOffset(held, { serverTime, now: Date.now(), tookMs });
      if (offset !== held) store.setState({ offset });
    },
  });
  const retryNow = (): void => (socket.connected ? sync.take({ kind: 'retry' }) : reconnect.now());

  setInterval(() => store.setState({ now: Date.now() }), TICK_MS);
  watchBrowser(sync, {
    onNetwork(online) {
      store.setState({ online });
      if (online && !socket.connected) reconnect.now();
    },
  });
  // Painted until the socket has the board: one round trip earlier.
  void readBoard().then((body) => {
    if (body) sync.take({ kind: 'painted', body });
  });

  return {
    store,
    pause() {
      const { sync: held, offset } = store.getState();
      if (held.board) store.setState({ paused: { at: Date.now() + offset.offsetMs, board: held.board } });
    },
    resume: () => store.setState({ paused: null }),
    /** Does not wait for the next attempt. */
    retryNow,
  };
}

function behindSince(held: number | null, { ask, board }: SyncState): number | null {
  const isBehind = ask !== null && ask.reason !== 'facts' && board !== null;
  return isBehind ? (held ?? monotonicClock.now()) : null;
}

/** Timers are throttled in hidden tabs and stop while the computer sleeps, so the sync runs its step on return. */
function watchBrowser(sync: BoardSync, { onNetwork }: { onNetwork: (online: boolean) => void }): void {
  const step = (): void => sync.take({ kind: 'tick' });
  for (const event of ['online', 'offline']) {
    window.addEventListener(event, () => {
      onNetwork(navigator.onLine);
      if (navigator.onLine) step();
    });
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') step();
  });
}
