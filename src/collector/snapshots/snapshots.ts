import { setMaxListeners } from 'node:events';
import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import { filterUsdtPerps } from '../../openInterest/openInterest.liquidUniverse.service.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange, MarkPrices, OpenInterestReading } from '../collector.types.ts';
import { endProcess } from '../process/endProcess.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { sleep } from '../../kit/sleep.ts';
import { isUsable, toSample } from '../poller/sample.ts';
import { createFailures } from '../heartbeat/failures.ts';
import type { Outbox } from '../spool/outbox.ts';

/**
 * The USDT perpetuals that are not liquid enough to be polled, every few minutes, as `source: snapshot`. The requests are
 * spread over most of the period, so that they never crowd the poller's.
 */
export type SnapshotsJob = Job & {
  /** Requests a minute that a round needs; the budget must leave them. */
  requestsPerMin(): number;
};

/** The rest of the period is for those that have to wait. */
const SPREAD_SHARE = 0.8;
const MAX_UNDER_WAY = 10;

export function createSnapshotsJob(options: {
  exchange: Pick<Exchange, 'exchangeInfo' | 'openInterest'>;
  markPrices: Pick<MarkPrices, 'priceOf'>;
  /** Who is polled anyway. */
  isPolled: (symbol: string) => boolean;
  outbox: Pick<Outbox, 'put'>;
  everyMs: number;
  clock: Clock;
  logger: Logger;
}): SnapshotsJob {
  const { exchange, outbox, everyMs, clock, logger } = options;
  const stopping = new AbortController();
  const failures = createFailures({ clock, systemClock: clock });
  // Each request under way listens, and that is no leak.
  setMaxListeners(2 * MAX_UNDER_WAY, stopping.signal);
  let loop: Loop | null = null;
  let lastRunAt: number | null = null;
  let lastRoundMs = 0;
  let round = { ok: 0, failed: 0, symbols: 0 };
  let fault: string | null = null;

  async function run(): Promise<void> {
    const startedAt = clock.now();
    try {
      const trading = filterUsdtPerps(await exchange.exchangeInfo(stopping.signal));
      const symbols = trading.filter((symbol) => !options.isPolled(symbol));
      round = await readAll(symbols, startedAt);
      fault = null;
      logger.info(round, 'snapshot of the other perpetuals taken');
    } catch (thrown) {
      if (stopping.signal.aborted) return;
      fault = describeError(thrown);
      failures.note(thrown);
      logger.warn({ err: coerceError(thrown) }, 'the snapshot was not taken');
    }
    lastRunAt = startedAt;
    lastRoundMs = clock.now() - startedAt;
  }

  /** One after the other at an even pace; the slow ones do not hold up the rest. */
  async function readAll(symbols: readonly string[], startedAt: number) {
    const gapMs = (everyMs * SPREAD_SHARE) / Math.max(1, symbols.length);
    const underWay = new Set<Promise<void>>();
    const counts = { ok: 0, failed: 0, symbols: symbols.length };
    for (const [i, symbol] of symbols.entries()) {
      await until(startedAt + i * gapMs);
      if (stopping.signal.aborted) break;
      if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
      const reading = read(symbol)
        .then((isRead) => {
          counts[isRead ? 'ok' : 'failed'] += 1;
        })
        .catch((thrown: unknown) => endProcess(clock, thrown))
        .finally(() => underWay.delete(reading));
      underWay.add(reading);
    }
    await Promise.all(underWay);
    return counts;
  }

  /** False when the exchange did not answer; what the store says is not its business. */
  async function read(symbol: string): Promise<boolean> {
    let reading: OpenInterestReading;
    try {
      reading = await exchange.openInterest(symbol, stopping.signal);
    } catch (thrown) {
      if (!stopping.signal.aborted) failures.note(thrown);
      if (thrown instanceof ExchangeError && (thrown.kind === 'banned' || thrown.kind === 'throttled')) {
        await until(thrown.until ?? clock.now() + MINUTE_MS);
      }
      return false;
    }
    if (!isUsable(reading)) return false;
    outbox.put('live', [toSample(reading, options.markPrices.priceOf(symbol), 'snapshot', clock.now())]);
    return true;
  }

  function until(at: number): Promise<void> {
    return sleep(clock, at - clock.now(), stopping.signal);
  }

  function status(): JobStatus {
    const { ok, failed, symbols } = round;
    return {
      name: 'snapshots',
      state: fault !== null ? 'down' : ok < symbols * 0.9 ? 'slow' : 'up',
      everySec: everyMs / SECOND_MS,
      lastRunAt,
      lastError: failures.last(),
      ok,
      failed,
      ...(fault === null ? {} : { note: fault.slice(0, 500) }),
    };
  }

  return {
    requestsPerMin: () => (round.symbols * MINUTE_MS) / (everyMs * SPREAD_SHARE),
    async start() {
      loop = startLoop({
        clock,
        // A round that could not begin is no hole of a whole period.
        everyMs: () => (fault === null ? Math.max(0, everyMs - lastRoundMs) : MINUTE_MS),
        task: run,
        onError: (err) => logger.warn({ err }, 'the snapshot was not taken'),
        immediately: true,
      });
    },
    async stop() {
      stopping.abort(new Error('the snapshots are stopping'));
      await loop?.stop();
    },
    status,
  };
}
