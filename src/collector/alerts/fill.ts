import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { sleep } from '../../kit/sleep.ts';
import { ServerReadError, type ServerClient } from '../server/client.ts';
import type { Alerts } from './alerts.ts';

const SAMPLES_AT_ONCE = 500;
/** A symbol asked every few seconds has several pages an hour. */
const MOST_PAGES = 4;
/** Beside a limit of 1,200 reads a minute a key. */
const PACE_MS = 100;
const RETRY_MS = 30 * SECOND_MS;
/** A ring that begins this soon after the window's start is as good as whole. */
const ENOUGH_MS = 60 * SECOND_MS;

export type RingFiller = ReturnType<typeof createRingFiller>;

/**
 * Fills the rings of symbols that this collector has not read for a whole window, from what the server has stored: after a
 * move to another machine, or when another collector has read them so far. What the collector has kept itself is in the
 * rings already, so this asks for nothing after an ordinary restart.
 */
export function createRingFiller(options: {
  server: Pick<ServerClient, 'selectSamples'>;
  alerts: Pick<Alerts, 'horizonMs' | 'oldestOf' | 'fill'>;
  clock: Clock;
  logger: Logger;
}) {
  const { server, alerts, clock, logger } = options;
  const stopping = new AbortController();
  let filling: Promise<void> = Promise.resolve();

  async function fillOne(symbol: string): Promise<number> {
    const since = clock.now() - alerts.horizonMs;
    let before = alerts.oldestOf(symbol)?.ts ?? clock.now();
    let added = 0;
    for (
      let page = 0;
      page < MOST_PAGES && before > since + ENOUGH_MS && !stopping.signal.aborted;
      page += 1
    ) {
      const samples = await server.selectSamples({ symbol, limit: SAMPLES_AT_ONCE, before }, stopping.signal);
      const points = samples
        .filter((it) => it.ts >= since && it.ts < before)
        .map(({ ts, openInterest, markPrice }) => ({ ts, openInterest, markPrice }));
      if (points.length === 0) break;
      alerts.fill(symbol, points);
      added += points.length;
      before = Math.min(...points.map((it) => it.ts));
      if (samples.length < SAMPLES_AT_ONCE) break;
    }
    return added;
  }

  /** A server that is away is waited for: the windows would be blind until they have filled up by themselves. */
  async function fillAll(symbols: readonly string[]): Promise<void> {
    let added = 0;
    let isAway = false;
    for (const symbol of symbols) {
      while (isShort(symbol)) {
        await sleep(clock, isAway ? RETRY_MS : PACE_MS, stopping.signal);
        if (stopping.signal.aborted) return;
        try {
          added += await fillOne(symbol);
          isAway = false;
          break;
        } catch (thrown) {
          if (stopping.signal.aborted) return;
          const isTemporary = thrown instanceof ServerReadError && thrown.isTemporary;
          if (!isAway) logger.warn({ err: coerceError(thrown), isTemporary }, 'history cannot be read');
          // Most likely the key may not read: every further question would be refused as well.
          if (!isTemporary) return;
          isAway = true;
        }
      }
    }
    if (added > 0) logger.info({ added }, 'windows filled from the history of the server');
  }

  function isShort(symbol: string): boolean {
    return (alerts.oldestOf(symbol)?.ts ?? Infinity) > clock.now() - alerts.horizonMs + ENOUGH_MS;
  }

  return {
    /** Looks at these symbols and asks for those that need it, one after the other, when earlier calls are done. */
    fill(symbols: readonly string[]): void {
      filling = filling.then(() => fillAll(symbols));
    },
    stop(): Promise<void> {
      stopping.abort(new Error('the ring filler is stopping'));
      return filling;
    },
  };
}
