import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { sleep } from '../../kit/sleep.ts';
import { ServerReadError, type ServerClient } from '../server/client.ts';
import type { Alerts } from './alerts.ts';

const SAMPLES_AT_ONCE = 500;
/** A symbol polled every few seconds has several pages an hour. */
const MOST_PAGES = 4;
/** Half of the 1,200 reads a minute that one key may make. */
const PACE_MS = 100;
const RETRY_MS = 30 * SECOND_MS;
/** A ring that begins this soon after the window's start is complete enough. */
const ENOUGH_MS = 60 * SECOND_MS;

type FillerOptions = {
  server: Pick<ServerClient, 'selectSamples'>;
  alerts: Pick<Alerts, 'horizonMs' | 'oldestOf' | 'fill'>;
  clock: Clock;
  logger: Logger;
};

export type RingFiller = ReturnType<typeof createRingFiller>;

type Context = FillerOptions & { signal: AbortSignal };

/**
 * Fills the rings of symbols that this collector has not read for a whole window from the server's history: after a move to
 * another machine, or when another collector polled them. After an ordinary restart the rings are complete already.
 */
export function createRingFiller(options: FillerOptions) {
  const stopping = new AbortController();
  const context: Context = { ...options, signal: stopping.signal };
  let filling: Promise<void> = Promise.resolve();

  return {
    /** Fills the rings that need it, one after the other, once earlier calls are done. */
    fill(symbols: readonly string[]): void {
      filling = filling.then(() => fillAll(context, symbols));
    },
    stop(): Promise<void> {
      stopping.abort(new Error('the ring filler is stopping'));
      return filling;
    },
  };
}

/** Waits for a server that is down: without history no alert is raised until the windows have filled up. */
async function fillAll(context: Context, symbols: readonly string[]): Promise<void> {
  const { clock, signal, logger } = context;
  let added = 0;
  let isDown = false;
  for (const symbol of symbols) {
    while (isShort(context, symbol)) {
      await sleep(clock, isDown ? RETRY_MS : PACE_MS, signal);
      if (signal.aborted) return;
      try {
        added += await fillOne(context, symbol);
        isDown = false;
        break;
      } catch (thrown) {
        if (signal.aborted) return;
        const isTemporary = thrown instanceof ServerReadError && thrown.isTemporary;
        if (!isDown)
          logger.warn({ err: coerceError(thrown), isTemporary }, 'cannot read history of the server');
        // Most likely the key may not read, and every further request would be refused.
        if (!isTemporary) return;
        isDown = true;
      }
    }
  }
  if (added > 0) logger.info({ added }, 'alert windows filled from history of the server');
}

function isShort({ alerts, clock }: Context, symbol: string): boolean {
  return (alerts.oldestOf(symbol)?.ts ?? Infinity) > clock.now() - alerts.horizonMs + ENOUGH_MS;
}

/** Returns how many readings were added. */
async function fillOne({ server, alerts, clock, signal }: Context, symbol: string): Promise<number> {
  const since = clock.now() - alerts.horizonMs;
  let before = alerts.oldestOf(symbol)?.ts ?? clock.now();
  let added = 0;
  for (let page = 0; page < MOST_PAGES && before > since + ENOUGH_MS && !signal.aborted; page += 1) {
    const samples = await server.selectSamples({ symbol, limit: SAMPLES_AT_ONCE, before }, signal);
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
