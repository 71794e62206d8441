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
import { createFailures, type Failures } from '../process/failures.ts';
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
  signal: AbortSignal;
  failures: Failures;
  lastRunAt: number | null;
  lastRoundMs: number;
  round: { ok: number; failed: number; symbols: number };
  fault: string | null;
};

export type SnapshotsJob = ReturnType<typeof createSnapshotsJob>;

/**
 * Reads the USDT perpetuals that are not liquid enough to be polled, every few minutes, as `source: snapshot`. The requests
 * are spread over most of the period, so that they do not delay the poller's.
 */
export function createSnapshotsJob(options: SnapshotsOptions) {
  const { everyMs, clock, logger } = options;
  const stopping = new AbortController();
  // Each running request listens; this is no leak.
  setMaxListeners(2 * MAX_UNDER_WAY, stopping.signal);
  const context: Context = {
    ...options,
    signal: stopping.signal,
    failures: createFailures({ clock, systemClock: clock }),
    lastRunAt: null,
    lastRoundMs: 0,
    round: { ok: 0, failed: 0, symbols: 0 },
    fault: null,
  };
  let loop: Loop | null = null;

  return {
    /** Requests a minute that a round needs; the budget must leave them. */
    requestsPerMin: () => (context.round.symbols * MINUTE_MS) / (everyMs * SPREAD_SHARE),
    async start(): Promise<void> {
      loop = startLoop({
        clock,
        // A round that failed to start is retried within the period.
        everyMs: () => (context.fault === null ? Math.max(0, everyMs - context.lastRoundMs) : MINUTE_MS),
        task: () => run(context),
        onError: (err) => logger.warn({ err }, 'snapshot failed'),
        immediately: true,
      });
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('the snapshots are stopping'));
      await loop?.stop();
    },
    status: () => status(context),
  } satisfies Job & Record<string, unknown>;
}

async function run(context: Context): Promise<void> {
  const { exchange, isPolled, clock, signal, failures, logger } = context;
  const startedAt = clock.now();
  try {
    const trading = filterUsdtPerps(await exchange.exchangeInfo(signal));
    context.round = await readAll(
      context,
      trading.filter((symbol) => !isPolled(symbol)),
      startedAt,
    );
    context.fault = null;
    logger.info(context.round, 'snapshot of the other perpetuals completed');
  } catch (thrown) {
    if (signal.aborted) return;
    context.fault = describeError(thrown);
    failures.note(thrown);
    logger.warn({ err: coerceError(thrown) }, 'snapshot failed');
  }
  context.lastRunAt = startedAt;
  context.lastRoundMs = clock.now() - startedAt;
}

/** One after the other at an even pace; slow ones do not delay the rest. */
async function readAll(context: Context, symbols: readonly string[], startedAt: number) {
  const { everyMs, clock, signal } = context;
  const spacingMs = (everyMs * SPREAD_SHARE) / Math.max(1, symbols.length);
  const underWay = new Set<Promise<void>>();
  const counts = { ok: 0, failed: 0, symbols: symbols.length };
  for (const [i, symbol] of symbols.entries()) {
    await sleepUntil(context, startedAt + i * spacingMs);
    if (signal.aborted) break;
    if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
    const reading = read(context, symbol)
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

/** False when the exchange did not answer. Rejects when the store fails. */
async function read(context: Context, symbol: string): Promise<boolean> {
  const { exchange, outbox, markPrices, clock, signal, failures } = context;
  let reading: OpenInterestReading;
  try {
    reading = await exchange.openInterest(symbol, signal);
  } catch (thrown) {
    if (!signal.aborted) failures.note(thrown);
    if (thrown instanceof ExchangeError && (thrown.kind === 'banned' || thrown.kind === 'throttled')) {
      await sleepUntil(context, thrown.until ?? clock.now() + MINUTE_MS);
    }
    return false;
  }
  if (!isUsable(reading)) return false;
  outbox.put('live', [toSample(reading, markPrices.priceOf(symbol), 'snapshot', clock.now())]);
  return true;
}

function sleepUntil({ clock, signal }: Context, at: number): Promise<void> {
  return sleep(clock, at - clock.now(), signal);
}

function status({ round, fault, everyMs, lastRunAt, failures }: Context): JobStatus {
  const { ok, failed, symbols } = round;
  return {
    name: 'snapshots',
    state: fault !== null ? 'down' : ok < symbols * 0.9 ? 'slow' : 'up',
    everySec: everyMs / SECOND_MS,
    lastRunAt,
    lastError: failures.last(),
    ok,
    failed,
    ...(fault !== null && { note: fault.slice(0, 500) }),
  };
}
