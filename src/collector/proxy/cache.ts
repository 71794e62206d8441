import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';

type Answer = {
  /** Serialized once, because it is a megabyte. */
  json: Buffer;
  readAt: number;
};

/** How long an answer is served without asking again, and how long it may replace a failed one. */
export const FRESH_FOR_MS = MINUTE_MS;
const FALLBACK_FOR_MS = HOUR_MS;
/** Between two attempts while the exchange fails, however many callers ask. */
export const FAILED_FOR_MS = 10 * SECOND_MS;

/**
 * Caches the last answer of `read`. Concurrent callers share one request. When it fails, the last answer is the fallback
 * unless it is too old; otherwise the callers get the failure.
 */
export function createCache({ read, clock }: { read: () => Promise<unknown>; clock: Clock }) {
  let last: Answer | null = null;
  let reading: Promise<Answer> | null = null;
  let failure: { thrown: unknown; at: number } | null = null;

  /** A time in the future is from before the clock was set back. */
  const isWithin = (ms: number, at: number) => Math.abs(clock.now() - at) < ms;

  async function refresh(): Promise<Answer> {
    try {
      last = { json: Buffer.from(JSON.stringify(await read())), readAt: clock.now() };
      failure = null;
      return last;
    } catch (thrown) {
      failure = { thrown, at: clock.now() };
      throw thrown;
    } finally {
      reading = null;
    }
  }

  return {
    async get(): Promise<Answer & { isFallback: boolean }> {
      if (last && isWithin(FRESH_FOR_MS, last.readAt)) return { ...last, isFallback: false };
      try {
        if (failure && isWithin(FAILED_FOR_MS, failure.at)) throw failure.thrown;
        reading ??= refresh();
        return { ...(await reading), isFallback: false };
      } catch (thrown) {
        if (last && isWithin(FALLBACK_FOR_MS, last.readAt)) return { ...last, isFallback: true };
        throw thrown;
      }
    },
  };
}
