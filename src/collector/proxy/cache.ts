import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';

export type Cached = {
  /** As it is sent: the same bytes to everybody, for it is a megabyte. */
  json: Buffer;
  readAt: number;
  /** True when it should have been read anew and could not be. */
  stale: boolean;
};

/** How long an answer serves without asking again, and how long it may stand in when asking fails. */
export const FRESH_FOR_MS = MINUTE_MS;
const STALE_FOR_MS = HOUR_MS;
/** Nobody who asks again and again may make us ask the exchange as often. */
export const FAILED_FOR_MS = 10 * SECOND_MS;

/**
 * Keeps the last answer of `read`. However many ask at once, one question is under way. When it fails, the last answer
 * stands in if it is not too old; otherwise whoever asked gets the failure. Either way the exchange is left in peace for a
 * while.
 */
export function createCache(options: { read: () => Promise<unknown>; clock: Clock }): {
  get(): Promise<Cached>;
} {
  const { read, clock } = options;
  let last: { json: Buffer; readAt: number } | null = null;
  let reading: Promise<{ json: Buffer; readAt: number }> | null = null;
  let failure: { thrown: unknown; at: number } | null = null;

  /** What seems to come is from before the clock was set back. */
  function isWithin(ms: number, at: number): boolean {
    return Math.abs(clock.now() - at) < ms;
  }

  async function readAnew() {
    try {
      const json = Buffer.from(JSON.stringify(await read()));
      last = { json, readAt: clock.now() };
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
    async get() {
      if (last && isWithin(FRESH_FOR_MS, last.readAt)) return { ...last, stale: false };
      try {
        if (failure && isWithin(FAILED_FOR_MS, failure.at)) throw failure.thrown;
        reading ??= readAnew();
        return { ...(await reading), stale: false };
      } catch (thrown) {
        if (last && isWithin(STALE_FOR_MS, last.readAt)) return { ...last, stale: true };
        throw thrown;
      }
    },
  };
}
