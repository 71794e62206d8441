import { io } from 'socket.io-client';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import type { SessionEnd } from '../../sockets/sockets.types.ts';
import { monotonicClock } from '../sync/sync.clock.ts';
import { followBoard, type OpenInterestSocket } from '../sync/sync.socket.ts';
import { INITIAL_SYNC_STATE } from '../sync/sync.step.ts';
import type { HeldBoard, SyncState } from '../sync/sync.types.ts';
import { NO_CLOCK_OFFSET, adjustClockOffset, type ClockOffset } from './clockOffset.ts';
import { readBoard } from './firstPaint.ts';
import { endsSession, reconnectDelay } from './reconnect.ts';
import { createStore, type Store } from './store.ts';

export type LiveState = {
  readonly sync: SyncState;
  readonly offset: ClockOffset;
  readonly online: boolean;
  /** The next try to connect; `null` while connected or connecting for the first time. */
  readonly retry: { readonly attempt: number; readonly at: number } | null;
  /** Since when something is missing, by the monotonic clock. */
  readonly behindSince: number | null;
  /** The table as it stood when updates were paused. */
  readonly paused: { readonly at: number; readonly board: HeldBoard } | null;
  /** Wall clock, once a second. Everything that ages is drawn from it. */
  readonly now: number;
};

export type Live = {
  store: Store<LiveState>;
  pause(): void;
  resume(): void;
  /** Does not wait for the next try. */
  retryNow(): void;
  stop(): void;
};

const TICK_MS = 1_000;

/** The one socket of the page, outside of React. */
export function createLive(options: {
  onAlert: (alert: OpenInterestAlert) => void;
  /** The board is followed again after a connection was lost. */
  onReturn: () => void;
  onTierChange: () => void;
  /** Somebody has to sign in. */
  onSessionEnd: (reason: SessionEnd['reason']) => void;
}): Live {
  const store = createStore<LiveState>({
    sync: INITIAL_SYNC_STATE,
    offset: NO_CLOCK_OFFSET,
    online: navigator.onLine,
    retry: null,
    behindSince: null,
    paused: null,
    now: Date.now(),
  });
  const patch = (change: Partial<LiveState>) => store.set((held) => ({ ...held, ...change }));

  // It reconnects at our hands: what the server ends, it would not, and nobody could say when the next try is.
  const socket: OpenInterestSocket = io({ transports: ['websocket', 'polling'], reconnection: false });
  let attempt = 0;
  let wasConnected = false;
  let ended = false;
  let cancelRetry = (): void => undefined;

  const sync = followBoard(socket, {
    onChange(state) {
      const behind = state.ask !== null && state.ask.reason !== 'facts' && state.board !== null;
      const held = store.get().behindSince;
      patch({ sync: state, behindSince: behind ? (held ?? monotonicClock.now()) : null });
    },
    onAlert: options.onAlert,
    onSessionEnd({ reason }) {
      if (reason === 'tier_changed') return options.onTierChange();
      ended = true;
      options.onSessionEnd(reason);
    },
    onServerTime(serverTime, sentAt) {
      const tookMs = sentAt === null ? null : monotonicClock.now() - sentAt;
      const offset = adjustClockOffset(store.get().offset, { serverTime, now: Date.now(), tookMs });
      if (offset !== store.get().offset) patch({ offset });
    },
  });

  socket.on('connect', () => {
    attempt = 0;
    cancelRetry();
    patch({ retry: null });
    if (wasConnected) options.onReturn();
    wasConnected = true;
  });
  socket.on('disconnect', () => retryLater());
  socket.on('connect_error', (error) => {
    const code = (error as Error & { data?: { code?: unknown } }).data?.code;
    if (endsSession(code)) {
      ended = true;
      options.onSessionEnd('expired');
      return;
    }
    retryLater();
  });

  function retryLater(): void {
    if (ended || socket.connected) return;
    attempt += 1;
    const waitMs = reconnectDelay(attempt, Math.random());
    cancelRetry();
    cancelRetry = monotonicClock.after(waitMs, connect) as () => void;
    patch({ retry: { attempt, at: Date.now() + waitMs }, now: Date.now() });
  }

  function connect(): void {
    cancelRetry();
    if (!ended && !socket.connected) socket.connect();
  }

  const ticker = setInterval(() => patch({ now: Date.now() }), TICK_MS);
  const onNetwork = (): void => {
    patch({ online: navigator.onLine });
    if (!navigator.onLine) return;
    if (socket.connected) sync.take({ kind: 'tick' });
    else connect();
  };
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') sync.take({ kind: 'tick' });
  };
  window.addEventListener('online', onNetwork);
  window.addEventListener('offline', onNetwork);
  document.addEventListener('visibilitychange', onVisible);

  // Shown until the socket says better; without it the page would be empty for a round trip longer.
  void readBoard().then((body) => {
    if (body) sync.take({ kind: 'painted', body });
  });

  return {
    store,
    pause() {
      const { board } = store.get().sync;
      if (board) patch({ paused: { at: Date.now() + store.get().offset.offsetMs, board } });
    },
    resume: () => patch({ paused: null }),
    retryNow() {
      if (socket.connected) sync.take({ kind: 'retry' });
      else connect();
    },
    stop() {
      clearInterval(ticker);
      cancelRetry();
      window.removeEventListener('online', onNetwork);
      window.removeEventListener('offline', onNetwork);
      document.removeEventListener('visibilitychange', onVisible);
      sync.stop();
      socket.disconnect();
    },
  };
}
