import { QueryClient, queryOptions } from '@tanstack/react-query';
import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { ApiError } from '../live/api.ts';

/** The server's last answer, and why it does not answer any more. */
export type PollState = {
  readonly body: DebugBody | null;
  /** When the last answer arrived, by the monotonic clock: ages are counted from it, whatever the PC's clock shows. */
  readonly answeredAt: number | null;
  readonly failure: string | null;
  /** Signed in, but not an operator. */
  readonly forbidden: boolean;
};

export const NO_ANSWER: PollState = { body: null, answeredAt: null, failure: null, forbidden: false };

export const DEBUG_KEY = ['debug'] as const;

/** Until the server has named its interval. */
const FIRST_EVERY_SEC = 5;
/** An answer that takes longer is as good as none. */
const ANSWER_TIMEOUT_MS = 8_000;

/**
 * Polls at the interval that the server names, in a hidden tab too: its title shows the health. A failure keeps the last
 * answer, so it is part of the state and not an error of the query.
 */
export function debugPoll(deps: {
  ask: (signal: AbortSignal) => Promise<DebugBody>;
  /** Monotonic, ms. */
  now: () => number;
  onSignedOut: () => void;
}) {
  return queryOptions<PollState>({
    queryKey: DEBUG_KEY,
    async queryFn({ client, signal }) {
      const before = readPoll(client);
      try {
        const body = await withTimeout(signal, deps.ask);
        return { body, answeredAt: deps.now(), failure: null, forbidden: false };
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        const status = thrown instanceof ApiError ? thrown.status : null;
        if (status === 401) deps.onSignedOut();
        if (status === 403) return { ...before, forbidden: true };
        return { ...before, failure: describeFailure(thrown) };
      }
    },
    refetchInterval({ state: { data } }) {
      return data?.forbidden ? false : (data?.body?.debugEverySec ?? FIRST_EVERY_SEC) * 1_000;
    },
    refetchIntervalInBackground: true,
    refetchOnWindowFocus: false,
    networkMode: 'always',
    retry: false,
  });
}

export function readPoll(client: QueryClient): PollState {
  return client.getQueryData<PollState>(DEBUG_KEY) ?? NO_ANSWER;
}

async function withTimeout(
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<DebugBody>,
): Promise<DebugBody> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ANSWER_TIMEOUT_MS);
  try {
    return await ask(AbortSignal.any([signal, timeout.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function describeFailure(thrown: unknown): string {
  if (!(thrown instanceof ApiError)) return 'cannot reach the server (no answer in time)';
  if (thrown.code === 'unreadable') return 'the server’s answer cannot be read; reload this page';
  return thrown.status === null
    ? 'cannot reach the server (no connection)'
    : `cannot reach the server (HTTP ${thrown.status})`;
}
