import { systemClock } from '../kit/clock.ts';
import { endsSession, refusalOf, type Refusal } from './refusals.ts';
import { monotonicClock } from './sync.clock.ts';
import type { OpenInterestSocket } from './sync.socket.ts';

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** The delay before `attempt` (from 1): exponential backoff with jitter, so that clients do not return at once. */
export function reconnectDelay(attempt: number, random: number): number {
  return Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS) * (0.5 + random);
}

/** The next connection attempt: its number from 1, when (wall clock), and why the last one failed, if it did. */
export type Retry = { readonly attempt: number; readonly at: number; readonly failure: Refusal | null };

type ReconnectOptions = {
  /** Sets the credentials of the next connection. */
  authorize: () => void | Promise<void>;
  /** `authorize` can replace a refused token; a second refusal in a row ends the session. */
  canRenew: boolean;
  onRetry: (retry: Retry | null) => void;
  onRefused: (refusal: Refusal) => void;
};

/**
 * Reconnects a socket after every disconnect until its session ends. Socket.IO does not reconnect after the server
 * disconnects, and does not report when its next attempt is: the socket must have `reconnection: false`.
 */
export function createReconnect(socket: OpenInterestSocket, options: ReconnectOptions) {
  let attempt = 0;
  let tokenRefusals = 0;
  /** By a refusal, until `now()`; by `stop()`, for good. */
  let isEnded = false;
  let isStopped = false;
  let isAuthorizing = false;
  let cancelRetry = (): void => undefined;

  async function connect(): Promise<void> {
    cancelRetry();
    if (isEnded || isAuthorizing || socket.connected) return;
    isAuthorizing = true;
    try {
      await options.authorize();
    } catch (thrown) {
      return retryLater(refusalOf('no_token', thrown instanceof Error ? thrown.message : String(thrown)));
    } finally {
      isAuthorizing = false;
    }
    if (!isEnded && !socket.connected) socket.connect();
  }

  function retryLater(failure: Refusal | null): void {
    if (isEnded || socket.connected) return;
    attempt += 1;
    const delayMs = reconnectDelay(attempt, Math.random());
    cancelRetry();
    cancelRetry = monotonicClock.after(delayMs, () => void connect());
    options.onRetry({ attempt, at: systemClock.now() + delayMs, failure });
  }

  function refuse(refusal: Refusal): void {
    tokenRefusals += 1;
    if (options.canRenew && tokenRefusals < 2) return retryLater(refusal);
    isEnded = true;
    cancelRetry();
    options.onRefused(refusal);
  }

  socket.on('connect', () => {
    attempt = 0;
    tokenRefusals = 0;
    cancelRetry();
    options.onRetry(null);
  });
  socket.on('disconnect', () => retryLater(null));
  socket.on('connect_error', (error) => {
    const refusal = refusalIn(error);
    if (refusal && endsSession(refusal.code)) refuse(refusal);
    else retryLater(refusal);
  });

  return {
    /** Connects at once, also after a refusal. */
    now(): void {
      isEnded = isStopped;
      tokenRefusals = 0;
      void connect();
    },
    /** The server has announced that it closes the connection for this reason. */
    refuse,
    stop(): void {
      isStopped = true;
      isEnded = true;
      cancelRetry();
    },
  };
}

/** `null`: the server was not reached, or closed the connection. */
function refusalIn(error: Error & { data?: { code?: unknown } }): Refusal | null {
  const code = error.data?.code;
  return typeof code === 'string' ? refusalOf(code, error.message) : null;
}
