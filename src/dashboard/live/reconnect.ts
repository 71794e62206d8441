import { monotonicClock } from '../../client/sync.clock.ts';
import type { OpenInterestSocket } from '../../client/sync.socket.ts';

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** The delay before `attempt` (from 1): exponential backoff with jitter, so that clients do not return at once. */
export function reconnectDelay(attempt: number, random: number): number {
  return Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS) * (0.5 + random);
}

/** Refusals that no retry can fix: the user has to sign in again. */
export function endsSession(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    (code.startsWith('token_') || code === 'unauthorized' || code === 'no_session')
  );
}

export type Retry = { readonly attempt: number; /** Wall clock. */ readonly at: number };

/** Reconnects a socket after every disconnect until its session ends. */
export function createReconnect(
  socket: OpenInterestSocket,
  options: { onRetry: (retry: Retry | null) => void; onReturn: () => void; onSessionEnd: () => void },
) {
  let attempt = 0;
  let wasConnected = false;
  let isEnded = false;
  let cancelRetry = (): void => undefined;

  function connect(): void {
    cancelRetry();
    if (!isEnded && !socket.connected) socket.connect();
  }

  function retryLater(): void {
    if (isEnded || socket.connected) return;
    attempt += 1;
    const delayMs = reconnectDelay(attempt, Math.random());
    cancelRetry();
    cancelRetry = monotonicClock.after(delayMs, connect);
    options.onRetry({ attempt, at: Date.now() + delayMs });
  }

  socket.on('connect', () => {
    attempt = 0;
    cancelRetry();
    options.onRetry(null);
    if (wasConnected) options.onReturn();
    wasConnected = true;
  });
  socket.on('disconnect', retryLater);
  socket.on('connect_error', (error) => {
    const code = (error as Error & { data?: { code?: unknown } }).data?.code;
    if (!endsSession(code)) return retryLater();
    isEnded = true;
    options.onSessionEnd();
  });

  return {
    now: connect,
    stop() {
      isEnded = true;
    },
  };
}
