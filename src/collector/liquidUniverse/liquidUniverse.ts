import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange } from '../collector.types.ts';
import { createJobLoop, type JobLoop } from '../process/jobLoop.ts';
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
  loop: JobLoop;
  supplies: Supplies;
  reading: Promise<unknown> | null;
  lastStartAt: number;
  lastRunAt: number | null;
  size: number | null;
};

export type LiquidUniverseJob = ReturnType<typeof createLiquidUniverseJob>;

/** Decides every five minutes which symbols are liquid, and posts the set to the server. */
export function createLiquidUniverseJob(options: LiquidUniverseOptions) {
  const context: Context = {
    ...options,
    loop: createJobLoop({
      ...options,
      task: async () => {
        readSupplies(context, await run(context));
        return EVERY_MS;
      },
      failing: 'cannot update the universe',
      retryMs: AFTER_FAILURE_MS,
    }),
    supplies: createSupplies(options),
    reading: null,
    lastStartAt: -Infinity,
    lastRunAt: null,
    size: null,
  };
  const { loop } = context;

  return {
    /** One run. Rejects when it fails, and then nothing has changed anywhere. */
    run: () => run(context),
    /** The universe may have changed (a symbol was delisted): run soon, but at most once a minute. */
    runSoon: () => runSoon(context),
    start: async () => loop.start(),
    async stop(): Promise<void> {
      await loop.stop();
      await context.reading;
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
  const { exchange, server, thresholds, clock, loop, logger } = context;
  const { signal } = loop;
  context.lastStartAt = clock.now();
  // If the current set cannot be read the run fails: an empty set would remove every symbol between the thresholds.
  const [exchangeInfo, quoteVolumes24h, fundingIntervalHours, current] = await Promise.all([
    exchange.exchangeInfo(signal),
    exchange.quoteVolumes24h(signal),
    readFundingIntervals(context),
    server.selectUniverse(signal),
  ]);
  const update = planUniverse({
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
  if (delivery.outcome !== 'accepted') {
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
function readSupplies(context: Context, { askedAt }: Run): void {
  const { supplies, loop } = context;
  context.reading ??= supplies.readDue(askedAt, loop.signal).then((first) => {
    context.reading = null;
    if (first > 0 && !loop.signal.aborted) runSoon(context);
  });
}

function runSoon({ loop, lastStartAt, clock }: Context): void {
  loop.runWithin(Math.max(SOON_MS, lastStartAt + SOONEST_AGAIN_MS - clock.now()));
}

/** `null`: not readable now. The universe matters more, so the server keeps the intervals that it has. */
async function readFundingIntervals({
  exchange,
  loop: { signal },
  logger,
}: Context): Promise<ReadonlyMap<string, number> | null> {
  try {
    return await exchange.fundingIntervalHours(signal);
  } catch (thrown) {
    if (!signal.aborted) logger.warn({ err: coerceError(thrown) }, 'cannot read the funding intervals');
    return null;
  }
}

function status({ clock, lastRunAt, loop, size }: Context): JobStatus {
  const isLate = lastRunAt === null || clock.now() - lastRunAt > 3 * EVERY_MS;
  return {
    name: 'liquid-universe',
    state: loop.fault() === null ? 'up' : isLate ? 'down' : 'slow',
    everySec: EVERY_MS / SECOND_MS,
    lastRunAt,
    ...(size !== null && { ok: size }),
    ...loop.describe(),
  };
}
