import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import { systemClock } from '../kit/clock.ts';
import { FRAMES } from '../openInterest/board/frames.types.ts';
import type { BoardBody, OpenInterestAlert } from '../openInterest/openInterest.types.ts';
import type { AlertFiring } from '../openInterest/rules/alertFiring.types.ts';
import type { SessionEnd } from '../sockets/sockets.types.ts';
import { createBoardState } from './boardState.ts';
import { isOnline, watchBrowser } from './browser.ts';
import { adjustClockOffset } from './clockOffset.ts';
import { createListeners } from './listeners.ts';
import { createReconnect } from './reconnect.ts';
import { refusalOf } from './refusals.ts';
import { monotonicClock } from './sync.clock.ts';
import { followSocket, type OpenInterestSocket } from './sync.socket.ts';

export type FollowBoardOptions = {
  /**
   * An access token, or a function that is called before each connection and returns one, so that an expired token is
   * replaced. Absent: the session cookie of the page, else the Free board.
   */
  token?: string | (() => string | Promise<string>);
  /** The server is about to close the connection. After `tier_changed`, or if
   * `token` is a function, the client connects again; else `status` is then `refused`. */
  onSessionEnd?: (end: SessionEnd) => void;
  /** Options of Socket.IO, except reconnection, which is implemented here. */
  socketOptions?: Partial<Omit<ManagerOptions & SocketOptions, 'reconnection' | 'autoConnect' | 'auth'>>;
};

export type Board = ReturnType<typeof followBoard>;

/**
 * Keeps a copy of the board of the server at `url` (in a page `/` is its own server) until `close()`: connects,
 * reconnects with backoff and jitter, resumes from its position, and replaces a connection that has fallen silent.
 */
export function followBoard(url: string, options: FollowBoardOptions = {}) {
  const { token, socketOptions } = options;
  const alerts = createListeners<OpenInterestAlert>();
  const firings = createListeners<AlertFiring>();
  const { read, change, listeners } = createBoardState();
  const socket: OpenInterestSocket = io(url, {
    transports: ['websocket', 'polling'],
    forceNew: true,
    ...socketOptions,
    reconnection: false,
    autoConnect: false,
  });
  const reconnect = createReconnect(socket, {
    canRenew: typeof token === 'function',
    async authorize() {
      socket.auth = { frames: FRAMES, token: typeof token === 'function' ? await token() : token };
    },
    onRetry: (retry) => change({ retry, refusal: null }),
    onRefused: (refusal) => change({ retry: null, refusal }),
  });
  const sync = followSocket(socket, {
    onChange: (next) => change({ sync: next }),
    onAlert: alerts.call,
    onFiring: firings.call,
    onSessionEnd(end) {
      if (end.reason !== 'tier_changed' && typeof token !== 'function')
        reconnect.refuse(refusalOf(`token_${end.reason}`, `The server ended the session: ${end.reason}`));
      options.onSessionEnd?.(end);
    },
    onServerTime(serverTime, sentAt) {
      const held = read().clockOffset;
      const clockOffset = adjustClockOffset(held, { serverTime, ...clocksSince(sentAt) });
      if (clockOffset !== held) change({ clockOffset });
    },
  });
  const stopWatching = watchBrowser({
    onNetwork() {
      change({ online: isOnline() });
      if (!isOnline()) return;
      if (!socket.connected && !read().refusal) reconnect.now();
      sync.take({ kind: 'tick' });
    },
    onVisible: () => sync.take({ kind: 'tick' }),
  });
  reconnect.now();

  return {
    /** The newest state: another object after each message and each change of the connection. */
    state: read,
    /** Calls `listener` with each new state. Returns a function that unsubscribes. */
    subscribe: listeners.add,
    /** Calls `listener` with each alert, or when a rule of the user fires. Returns a function that unsubscribes. */
    onAlert: alerts.add,
    onFiring: firings.add,
    /** Connects, or sends the pending sync request, without waiting for the next attempt; also after a refusal. */
    retry: (): void => (socket.connected ? sync.take({ kind: 'retry' }) : reconnect.now()),
    /** Shows a board that was read over HTTP until the socket has delivered one. */
    paint: (body: BoardBody): void => sync.take({ kind: 'painted', body }),
    /** The time by the server's clock, epoch ms: `serverNow() - row.ts` is the age of a row. */
    serverNow: (): number => systemClock.now() + read().clockOffset.offsetMs,
    /** Disconnects and forgets all listeners. */
    close(): void {
      for (const it of [listeners, alerts, firings]) it.clear();
      stopWatching();
      reconnect.stop();
      sync.stop();
      socket.disconnect();
    },
  };
}

/** The wall clock now, and how long ago `sentAt` was by the monotonic clock. */
function clocksSince(sentAt: number | null): { now: number; tookMs: number | null } {
  return { now: systemClock.now(), tookMs: sentAt === null ? null : monotonicClock.now() - sentAt };
}
