import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import {
  MOST_MINUTES,
  POSITIONING_EVERY_MS,
  type PositioningSymbols,
} from '../../openInterest/positioning/positioning.types.ts';
import type { ForcedOrderRow } from '../binance/binance.types.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import type { Exchange } from '../collector.types.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { createJobLoop, type JobLoop } from '../process/jobLoop.ts';
import { ServerReadError, type ServerClient } from '../server/client.ts';
import { createStream } from '../streams/stream.ts';
import { createDueSymbols, type DueSymbols } from './dueSymbols.ts';
import { openForcedOrderLink } from './forcedOrderLink.ts';
import { createLiquidations, type Liquidations } from './liquidations.ts';

/** How often the server is asked what users look at. */
const ASK_MS = 5 * SECOND_MS;
const AFTER_FAILURE_MS = 30 * SECOND_MS;
/** A server that answers again within this was restarted, which is no fault. */
const SERVER_RESTARTS_MS = 30 * SECOND_MS;
const POST_MS = 10 * SECOND_MS;
/** A stream that reconnects within this is no fault. */
const STREAM_DOWN_MS = 30 * SECOND_MS;

type PositioningOptions = {
  exchange: Pick<Exchange, 'positioning'>;
  server: Pick<ServerClient, 'selectPositioningSymbols' | 'ingestPositioning' | 'ingestLiquidations'>;
  streamUrl: string;
  outbound: Pick<Outbound, 'socketAgentFor'>;
  /** Symbols at a time. */
  most: number;
  /** How far the exchange's clock is ahead; `null`: not known. */
  clockAheadMs: () => number | null;
  random: () => number;
  clock: Clock;
  logger: Logger;
};

type Context = PositioningOptions & {
  loop: JobLoop;
  due: DueSymbols;
  liquidations: Liquidations;
  /** Epoch ms of the server's last list of symbols, of the start before the first. */
  listedAt: number;
  lastRunAt: number | null;
  ok: number;
};

/**
 * Reads what traders hold of the symbols that users look at, every five minutes, from the exchange's separate limit, and
 * follows the forced orders of all symbols. Points are read a day back when a symbol is new to the server.
 */
export function createPositioningJob(options: PositioningOptions) {
  const { clock, logger, streamUrl } = options;
  const context: Context = {
    ...options,
    loop: createJobLoop({
      ...options,
      task: () => readNext(context),
      failing: 'cannot read positioning, retrying',
      retryMs: AFTER_FAILURE_MS,
    }),
    due: createDueSymbols(),
    liquidations: createLiquidations(options),
    listedAt: clock.now(),
    lastRunAt: null,
    ok: 0,
  };
  const stream = createStream<ForcedOrderRow>({
    ...options,
    name: 'forced order stream',
    url: streamUrl,
    open: openForcedOrderLink,
    onRows: (rows) => rows.forEach(context.liquidations.add),
  });
  let posting: Loop | null = null;
  let streamHeardAt = clock.now();

  async function postMinutes(): Promise<void> {
    if (stream.fault() === null) streamHeardAt = clock.now();
    await postLiquidations(context);
  }

  return {
    async start(): Promise<void> {
      streamHeardAt = clock.now();
      stream.start();
      context.loop.start();
      const onError = (err: Error): void => logger.warn({ err }, 'cannot post liquidations');
      posting = startLoop({ clock, everyMs: POST_MS, task: postMinutes, onError });
    },
    async stop(): Promise<void> {
      stream.stop();
      await Promise.all([context.loop.stop(), posting?.stop()]);
    },
    status(): JobStatus {
      const isStreamDown = clock.now() - streamHeardAt >= STREAM_DOWN_MS;
      return status(context, isStreamDown ? stream.fault() : null);
    },
  } satisfies Job;
}

/** Returns how long to wait after it. One symbol, so that the next one is chosen by what users look at then. */
async function readNext(context: Context): Promise<number> {
  const { exchange, due, clock, loop } = context;
  const { signal } = loop;
  const now = clock.now() + (context.clockAheadMs() ?? 0);
  const symbols = await selectSymbols(context);
  const next = symbols && due.next(symbols, now);
  if (!next) return ASK_MS;
  try {
    const points = await exchange.positioning(next, signal);
    if (points.length > 0) await post(context, next.symbol, points);
    due.wasRead(next.symbol, now);
    context.ok += 1;
    context.lastRunAt = clock.now();
  } catch (thrown) {
    due.failed(next.symbol, now);
    // The exchange has nothing for this symbol, and another request would change nothing.
    if (!(thrown instanceof ExchangeError) || !['unknown_symbol', 'refused'].includes(thrown.kind))
      throw thrown;
    due.wasRead(next.symbol, now);
  }
  return 0;
}

/** `null`: the server restarts. */
async function selectSymbols(context: Context): Promise<PositioningSymbols['symbols'] | null> {
  const { server, most, clock, loop } = context;
  try {
    const symbols = await server.selectPositioningSymbols(loop.signal);
    context.listedAt = clock.now();
    return symbols.slice(0, most);
  } catch (thrown) {
    const isTemporary = thrown instanceof ServerReadError && thrown.isTemporary;
    if (!isTemporary || clock.now() - context.listedAt >= SERVER_RESTARTS_MS) throw thrown;
    return null;
  }
}

async function post(
  { server, loop }: Context,
  symbol: string,
  points: Parameters<PositioningOptions['server']['ingestPositioning']>[0]['points'],
): Promise<void> {
  const delivery = await server.ingestPositioning({ symbol, points }, loop.signal);
  if (delivery.outcome !== 'accepted')
    throw new Error(`positioning of ${symbol} not stored: ${delivery.reason}`);
}

/** Totals of minutes that still run, too: the server keeps the larger figure. */
async function postLiquidations({ server, liquidations, loop, logger }: Context): Promise<void> {
  const minutes = liquidations.takeChanged(MOST_MINUTES);
  if (minutes.length === 0) return;
  const delivery = await server.ingestLiquidations({ minutes }, loop.signal);
  if (delivery.outcome === 'accepted' || loop.signal.aborted) return;
  // What the server refuses for good is dropped.
  if (delivery.outcome === 'retry') liquidations.putBack(minutes);
  const err = new Error(`liquidations not stored: ${delivery.reason}`);
  if (loop.failures.note(err)) logger.warn({ err }, 'cannot post liquidations');
}

function status({ loop, ok, lastRunAt }: Context, streamFault: string | null): JobStatus {
  const fault = loop.fault();
  const notes = [...(fault ? [fault] : []), ...(streamFault ? [`forced orders: ${streamFault}`] : [])];
  return {
    name: 'positioning',
    state: notes.length === 0 ? 'up' : 'slow',
    everySec: POSITIONING_EVERY_MS / SECOND_MS,
    lastRunAt,
    ok,
    failed: loop.failedRuns(),
    ...loop.describe(notes),
  };
}
