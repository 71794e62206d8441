import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange } from '../collector.types.ts';
import { createFailures, type Failures } from '../process/failures.ts';
import type { ServerClient } from '../server/client.ts';
import { planUniverse } from './plan.ts';
import { createSupplies, type Supplies } from './supplies.ts';

const EVERY_MS = 5 * MINUTE_MS;
const AFTER_FAILURE_MS = 30 * SECOND_MS;
const SOON_MS = SECOND_MS;
const SOONEST_AGAIN_MS = MINUTE_MS;

type LiquidUniverseOptions = {
  exchange: Pick<Exchange, 'exchangeInfo' | 'quoteVolumes24h' | 'fundingIntervalHours' | 'circulatingSupply'>;
  server: Pick<ServerClient, 'selectUniverse' | 'updateUniverse'>;
  thresholds: { enterQuoteVolume24h: number; exitQuoteVolume24h: number };
  /** The server has accepted a different set. */
  onChanged: () => void;
  clock: Clock;
  logger: Logger;
};

type Context = LiquidUniverseOptions & {
  signal: AbortSignal;
  failures: Failures;
  supplies: Supplies;
  reading: Promise<unknown> | null;
  running: Promise<unknown> | null;
  lastStartAt: number;
  lastRunAt: number | null;
  fault: string | null;
  size: number | null;
};

export type LiquidUniverseJob = ReturnType<typeof createLiquidUniverseJob>;

/** Decides every five minutes which symbols are liquid, and posts the set to the server. */
export function createLiquidUniverseJob(options: LiquidUniverseOptions) {
  const { clock, logger } = options;
  const stopping = new AbortController();
  const context: Context = {
    ...options,
    signal: stopping.signal,
    failures: createFailures({ clock, systemClock: clock }),
    supplies: createSupplies(options),
    reading: null,
    running: null,
    lastStartAt: -Infinity,
    lastRunAt: null,
    fault: null,
    size: null,
  };
  let loop: Loop | null = null;
  let cancelSoon: (() => void) | null = null;
  function runSoon(): void {
    const waitMs = Math.max(SOON_MS, context.lastStartAt + SOONEST_AGAIN_MS - clock.now());
    cancelSoon ??= clock.after(waitMs, () => {
      cancelSoon = null;
      void tryRun(context, runSoon);
    });
  }

  return {
    /** One run. Rejects when it fails, and then nothing has changed anywhere. */
    run: () => run(context),
    /** The universe may have changed (a symbol was delisted): run soon, but at most once a minute. */
    runSoon,
    async start(): Promise<void> {
      loop = startLoop({
        clock,
        everyMs: () => (context.fault === null ? EVERY_MS : AFTER_FAILURE_MS),
        task: () => tryRun(context, runSoon),
        onError: (err) => logger.warn({ err }, 'cannot update the universe'),
        immediately: true,
      });
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('the universe job is stopping'));
      cancelSoon?.();
      await loop?.stop();
      await Promise.all([context.running, context.reading]);
    },
    status: () => status(context),
  } satisfies Job & Record<string, unknown>;
}

type Run = {
  symbols: number;
  entered: string[];
  left: string[];
  askedAt: ReadonlyMap<string, number | null>;
};

async function run(context: Context): Promise<Run> {
  const { exchange, server, thresholds, clock, signal, logger } = context;
  context.lastStartAt = clock.now();
  // If the current set cannot be read the run fails: an empty set would remove every symbol between the thresholds.
  const [exchangeInfo, quoteVolumes24h, fundingIntervalHours, current] = await Promise.all([
    exchange.exchangeInfo(signal),
    exchange.quoteVolumes24h(signal),
    readFundingIntervals(context),
    server.selectUniverse(signal),
  ]);
  const { update } = planUniverse({
    exchangeInfo,
    quoteVolumes24h,
    fundingIntervalHours,
    supplyOf: context.supplies.get,
    current: current.symbols.map((it) => it.symbol),
    enter: thresholds.enterQuoteVolume24h,
    exit: thresholds.exitQuoteVolume24h,
    now: clock.now(),
  });
  const symbols = update.symbols.length;
  if (symbols === 0) throw new Error('no symbol is liquid: the exchange cannot mean that');
  const delivery = await server.updateUniverse(update, signal);
  if (delivery.outcome !== 'taken') {
    throw new Error(`the server did not accept the universe: ${delivery.reason}`);
  }
  const { entered, left } = delivery.body;
  context.size = symbols;
  context.lastRunAt = clock.now();
  // In the first run every symbol enters; the server's journal has all names.
  const [some, others] = [entered.slice(0, 20), left.slice(0, 20)];
  logger.info(
    { symbols, entered: entered.length, left: left.length, in: some, out: others },
    'universe updated',
  );
  if (entered.length + left.length > 0) context.onChanged();
  return { symbols, entered, left, askedAt: supplyTimes(update.symbols, current.symbols) };
}

/** When the supply of each member was read, largest volume first, as far as the server knows. */
function supplyTimes(
  members: readonly { symbol: string; quoteVolume24h: number | string }[],
  known: readonly { symbol: string; circulatingSupplyAt: string | null }[],
): ReadonlyMap<string, number | null> {
  const times = new Map(known.map((it) => [it.symbol, it.circulatingSupplyAt]));
  return new Map(
    members
      .toSorted((a, b) => Number(b.quoteVolume24h) - Number(a.quoteVolume24h))
      .map(({ symbol }) => {
        const at = times.get(symbol) ?? null;
        return [symbol, at === null ? null : Date.parse(at)];
      }),
  );
}

/** Beside the runs, because the exchange's history has a budget of its own that others also wait for. */
function readSupplies(context: Context, { askedAt }: Run, runSoon: () => void): void {
  const { supplies, signal } = context;
  context.reading ??= supplies.readDue(askedAt, signal).then((first) => {
    context.reading = null;
    if (first > 0 && !signal.aborted) runSoon();
  });
}

/** `null`: not readable now. The universe matters more, so the server keeps the intervals that it has. */
async function readFundingIntervals({
  exchange,
  signal,
  logger,
}: Context): Promise<ReadonlyMap<string, number> | null> {
  try {
    return await exchange.fundingIntervalHours(signal);
  } catch (thrown) {
    if (!signal.aborted) logger.warn({ err: coerceError(thrown) }, 'cannot read the funding intervals');
    return null;
  }
}

async function tryRun(context: Context, runSoon: () => void): Promise<void> {
  if (context.running) return;
  context.running = run(context).then(
    (done) => {
      context.fault = null;
      readSupplies(context, done, runSoon);
    },
    (thrown: unknown) => {
      const { signal, failures, logger } = context;
      context.fault = describeError(thrown);
      failures.note(thrown);
      if (!signal.aborted) logger.warn({ err: coerceError(thrown) }, 'cannot update the universe');
    },
  );
  await context.running;
  context.running = null;
}

function status({ clock, lastRunAt, fault, failures, size }: Context): JobStatus {
  const isLate = lastRunAt === null || clock.now() - lastRunAt > 3 * EVERY_MS;
  return {
    name: 'liquid-universe',
    state: fault === null ? 'up' : isLate ? 'down' : 'slow',
    everySec: EVERY_MS / SECOND_MS,
    lastRunAt,
    lastError: failures.last(),
    ...(size !== null && { ok: size }),
    ...(fault !== null && { note: fault.slice(0, 500) }),
  };
}
