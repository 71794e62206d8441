import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange } from '../collector.types.ts';
import { createFailures } from '../heartbeat/failures.ts';
import type { ServerClient } from '../server/client.ts';
import { planUniverse } from './plan.ts';

/** Decides every five minutes who is liquid, and tells the server. */
export type LiquidUniverseJob = Job & {
  /** One run; rejects when it fails, and then nothing has changed anywhere. */
  run(): Promise<{ symbols: number; entered: string[]; left: string[] }>;
  /** The universe may have changed (a symbol was delisted): run soon, though not more often than once a minute. */
  runSoon(): void;
};

const EVERY_MS = 5 * MINUTE_MS;
const AFTER_FAILURE_MS = 30 * SECOND_MS;
const SOON_MS = SECOND_MS;
const SOONEST_AGAIN_MS = MINUTE_MS;

export function createLiquidUniverseJob(options: {
  exchange: Pick<Exchange, 'exchangeInfo' | 'quoteVolumes24h'>;
  server: Pick<ServerClient, 'selectUniverse' | 'updateUniverse'>;
  thresholds: { enterQuoteVolume24h: number; exitQuoteVolume24h: number };
  /** The server has a new set. */
  onChanged: () => void;
  clock: Clock;
  logger: Logger;
}): LiquidUniverseJob {
  const { exchange, server, thresholds, clock, logger } = options;
  const stopping = new AbortController();
  const failures = createFailures({ clock, systemClock: clock });
  let loop: Loop | null = null;
  let running: Promise<unknown> | null = null;
  let cancelSoon: (() => void) | null = null;
  let lastStartAt = -Infinity;
  let lastRunAt: number | null = null;
  let fault: string | null = null;
  let size: number | null = null;

  async function run() {
    lastStartAt = clock.now();
    // A set that cannot be read is a failed run. As an empty one it would throw out whoever is between the thresholds.
    const [exchangeInfo, quoteVolumes24h, current] = await Promise.all([
      exchange.exchangeInfo(stopping.signal),
      exchange.quoteVolumes24h(stopping.signal),
      server.selectUniverse(stopping.signal),
    ]);
    const plan = planUniverse({
      exchangeInfo,
      quoteVolumes24h,
      current: current.symbols.map((it) => it.symbol),
      enter: thresholds.enterQuoteVolume24h,
      exit: thresholds.exitQuoteVolume24h,
      now: clock.now(),
    });
    if (plan.update.symbols.length === 0)
      throw new Error('no symbol is liquid: the exchange cannot mean that');
    const delivery = await server.updateUniverse(plan.update, stopping.signal);
    if (delivery.outcome !== 'taken')
      throw new Error(`the server did not take the universe: ${delivery.reason}`);
    const { entered, left } = delivery.body;
    size = plan.update.symbols.length;
    lastRunAt = clock.now();
    // Everybody enters the first time; the journal of the server has all names.
    const some = (names: readonly string[]) => names.slice(0, 20);
    logger.info(
      { symbols: size, entered: entered.length, left: left.length, in: some(entered), out: some(left) },
      'universe updated',
    );
    if (entered.length + left.length > 0) options.onChanged();
    return { symbols: size, entered, left };
  }

  async function tryRun(): Promise<void> {
    if (running) return;
    running = run().then(
      () => {
        fault = null;
      },
      (thrown: unknown) => {
        fault = describeError(thrown);
        failures.note(thrown);
        if (!stopping.signal.aborted)
          logger.warn({ err: coerceError(thrown) }, 'the universe was not updated');
      },
    );
    await running;
    running = null;
  }

  function status(): JobStatus {
    const isLate = lastRunAt === null || clock.now() - lastRunAt > 3 * EVERY_MS;
    return {
      name: 'liquid-universe',
      state: fault === null ? 'up' : isLate ? 'down' : 'slow',
      everySec: EVERY_MS / SECOND_MS,
      lastRunAt,
      lastError: failures.last(),
      ...(size === null ? {} : { ok: size }),
      ...(fault === null ? {} : { note: fault.slice(0, 500) }),
    };
  }

  return {
    run,
    runSoon() {
      const waitMs = Math.max(SOON_MS, lastStartAt + SOONEST_AGAIN_MS - clock.now());
      cancelSoon ??= clock.after(waitMs, () => {
        cancelSoon = null;
        void tryRun();
      });
    },
    async start() {
      loop = startLoop({
        clock,
        everyMs: () => (fault === null ? EVERY_MS : AFTER_FAILURE_MS),
        task: tryRun,
        onError: (err) => logger.warn({ err }, 'the universe was not updated'),
        immediately: true,
      });
    },
    async stop() {
      stopping.abort(new Error('the universe job is stopping'));
      cancelSoon?.();
      await loop?.stop();
      await running;
    },
    status,
  };
}
