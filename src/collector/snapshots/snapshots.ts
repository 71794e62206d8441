import { setMaxListeners } from 'node:events';
import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { filterUsdtPerps } from '../../openInterest/openInterest.liquidUniverse.service.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange, MarkPrices, OpenInterestReading } from '../collector.types.ts';
import { endProcess } from '../process/endProcess.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { sleep } from '../../kit/sleep.ts';
import { isUsable, toSample } from '../poller/sample.ts';
import { createJobLoop, type JobLoop } from '../process/jobLoop.ts';
import type { Outbox } from '../spool/outbox.ts';

/** The rest of the period is for requests that have to wait. */
const SPREAD_SHARE = 0.8;
const MAX_UNDER_WAY = 10;

type SnapshotsOptions = {
  exchange: Pick<Exchange, 'exchangeInfo' | 'openInterest'>;
  markPrices: Pick<MarkPrices, 'priceOf'>;
  /** True for a symbol that the poller reads. */
  isPolled: (symbol: string) => boolean;
  outbox: Pick<Outbox, 'put'>;
  everyMs: number;
  clock: Clock;
  logger: Logger;
};

type Context = SnapshotsOptions & {
  loop: JobLoop;
  lastRunAt: number | null;
  round: { ok: number; failed: number; symbols: number };
};

export type SnapshotsJob = ReturnType<typeof createSnapshotsJob>;

/**
 * Reads the USDT perpetuals that are not liquid enough to be polled, every few minutes, as `source: snapshot`. The requests
 * are spread over most of the period, so that they do not delay the poller's.
 */
export function createSnapshotsJob(options: SnapshotsOptions) {
  const { everyMs } = options;
  const context: Context = {
    ...options,
    // A round that failed to start is retried within the period.
    loop: createJobLoop({
      ...options,
      task: () => run(context),
      failing: 'snapshot failed',
      retryMs: MINUTE_MS,
    }),
    lastRunAt: null,
    round: { ok: 0, failed: 0, symbols: 0 },
  };
  const { loop } = context;
  // Each running request listens; this is no leak.
  setMaxListeners(2 * MAX_UNDER_WAY, loop.signal);

  return {
    /** Requests a minute that a round needs; the budget must leave them. */
    requestsPerMin: () => (context.round.symbols * MINUTE_MS) / (everyMs * SPREAD_SHARE),
    start: async () => loop.start(),
    stop: loop.stop,
    status: () => status(context),
  } satisfies Job & Record<string, unknown>;
}

/** Returns how long to wait after it. */
async function run(context: Context): Promise<number> {
  const { exchange, isPolled, everyMs, clock, loop, logger } = context;
  const startedAt = clock.now();
  context.lastRunAt = startedAt;
  const trading = filterUsdtPerps(await exchange.exchangeInfo(loop.signal));
  const others = trading.filter((symbol) => !isPolled(symbol));
  context.round = await readAll(context, others, startedAt);
  logger.info(context.round, 'snapshot of the other perpetuals completed');
  return Math.max(0, everyMs - (clock.now() - startedAt));
}

/** One after the other at an even pace; slow ones do not delay the rest. */
async function readAll(context: Context, symbols: readonly string[], startedAt: number) {
  const { everyMs, loop } = context;
  const spacingMs = (everyMs * SPREAD_SHARE) / Math.max(1, symbols.length);
  const underWay = new Set<Promise<void>>();
  const counts = { ok: 0, failed: 0, symbols: symbols.length };
  for (const [i, symbol] of symbols.entries()) {
    await sleepUntil(context, startedAt + i * spacingMs);
    if (loop.signal.aborted) break;
    if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
    const reading = read(context, symbol)
      .then((isRead) => {
        counts[isRead ? 'ok' : 'failed'] += 1;
      })
      .catch((thrown: unknown) => endProcess(context.clock, thrown))
      .finally(() => underWay.delete(reading));
    underWay.add(reading);
  }
  await Promise.all(underWay);
  return counts;
}

/** False when the exchange did not answer. Rejects when the store fails. */
async function read(context: Context, symbol: string): Promise<boolean> {
  const { exchange, outbox, markPrices, clock, loop } = context;
  let reading: OpenInterestReading;
  try {
    reading = await exchange.openInterest(symbol, loop.signal);
  } catch (thrown) {
    if (!loop.signal.aborted) loop.failures.note(thrown);
    if (thrown instanceof ExchangeError && (thrown.kind === 'banned' || thrown.kind === 'throttled')) {
      await sleepUntil(context, thrown.until ?? clock.now() + MINUTE_MS);
    }
    return false;
  }
  if (!isUsable(reading)) return false;
  outbox.put('live', [toSample(reading, markPrices.priceOf(symbol), 'snapshot', clock.now())]);
  return true;
}

function sleepUntil({ clock, loop }: Context, at: number): Promise<void> {
  return sleep(clock, at - clock.now(), loop.signal);
}

function status({ round, loop, everyMs, lastRunAt }: Context): JobStatus {
  const { ok, failed, symbols } = round;
  return {
    name: 'snapshots',
    state: loop.fault() !== null ? 'down' : ok < symbols * 0.9 ? 'slow' : 'up',
    everySec: everyMs / SECOND_MS,
    lastRunAt,
    ok,
    failed,
    ...loop.describe(),
  };
}
