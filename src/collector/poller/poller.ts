import { setMaxListeners } from 'node:events';
import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import { computePollIntervalSec } from '../../openInterest/universe/pollInterval.shared.ts';
import { MOST_AHEAD_MS } from '../../openInterest/ingest/ingest.types.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { OpenInterestReading } from '../collector.types.ts';
import { endProcess } from '../process/endProcess.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { createFailures, formatFailure } from '../process/failures.ts';
import { isUsable, toSample } from './sample.ts';
import { createReadTimes, describePoller } from './status.ts';
import { createTurns } from './turns.ts';
import type { PollerContext, PollerOptions } from './context.ts';

const MAX_UNDER_WAY = 100;
const REPLAN_MS = SECOND_MS;
/** Before a symbol that the exchange does not know is requested again, if the universe still has it. */
const UNKNOWN_REST_MS = 10 * MINUTE_MS;
/** The exchange's history has a point every five minutes: shorter gaps cannot be filled. */
const GAP_MS = 6 * MINUTE_MS;
const DEFAULT_PAUSE_MS = MINUTE_MS;
const ALIVE_MS = 30 * SECOND_MS;

export type Poller = ReturnType<typeof createPoller>;

/**
 * Requests the open interest of every symbol of the universe at the rate that the budget allows, and puts each answer into
 * the outbox. There are no sweeps: each symbol has its own turns, so nothing waits for the slowest one.
 *
 * A reading that is not newer than the last one of its symbol is not sent: the server would count a duplicate, and the
 * row's age is right as it is.
 */
export function createPoller(options: PollerOptions) {
  const { clock, universe, settings } = options;
  const stopping = new AbortController();
  // Each running request listens; this is no leak.
  setMaxListeners(MAX_UNDER_WAY + 10, stopping.signal);
  const context: PollerContext = {
    ...options,
    turns: createTurns(),
    readTimes: createReadTimes(),
    failures: createFailures(options),
    lastTs: new Map(options.lastTs),
    signal: stopping.signal,
    underWay: new Set(),
    startedAt: 0,
    evenIntervalMs: settings.maxIntervalSec * SECOND_MS,
    plannedAt: -Infinity,
    tickedAt: -Infinity,
    paused: null,
    cancelTick: null,
  };

  return {
    async start(): Promise<void> {
      context.startedAt = clock.now();
      universe.start((symbols) => onUniverse(context, symbols));
      tick(context);
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('the poller is stopping'));
      context.cancelTick?.();
      await universe.stop();
      await Promise.allSettled(context.underWay);
    },
    status: () => status(context),
    /** False when its own timer has stopped, which nothing outside can cause. */
    isAlive: () => clock.now() - context.tickedAt < ALIVE_MS,
  } satisfies Job & Record<string, unknown>;
}

function tick(context: PollerContext): void {
  const { clock, turns, underWay, signal } = context;
  context.cancelTick?.();
  context.cancelTick = null;
  if (signal.aborted) return;
  const now = clock.now();
  context.tickedAt = now;
  if (context.paused && context.paused.until <= now) context.paused = null;
  if (now - context.plannedAt >= REPLAN_MS) plan(context, now);
  const { paused } = context;
  if (!paused && underWay.size < MAX_UNDER_WAY) {
    const symbol = turns.next(now);
    if (symbol !== null) poll(context, symbol);
  }
  const nextAt = paused ? Math.min(paused.until, now + REPLAN_MS) : turns.nextAt(now);
  // At capacity, the next completion calls `tick`.
  const waitMs = underWay.size >= MAX_UNDER_WAY ? REPLAN_MS : nextAt - now;
  context.cancelTick = clock.after(Math.min(Math.max(0, waitMs), REPLAN_MS), () => tick(context));
}

function plan(context: PollerContext, now: number): void {
  const { universe, turns, settings, policy, attention, requestsPerMin } = context;
  context.plannedAt = now;
  const all = universe.symbols();
  const asked = all.filter((symbol) => !turns.isResting(symbol, now));
  const { minIntervalSec: minSec, maxIntervalSec: maxSec } = settings;
  const evenSec = computePollIntervalSec(asked.length, { requestsPerMin: requestsPerMin(), minSec, maxSec });
  context.evenIntervalMs = evenSec * SECOND_MS;
  const intervals = new Map(all.map((symbol) => [symbol, context.evenIntervalMs]));
  const planned = policy({
    symbols: asked,
    evenIntervalMs: context.evenIntervalMs,
    minIntervalMs: minSec * SECOND_MS,
    attentionOf: attention.of,
  });
  for (const [symbol, intervalMs] of planned) intervals.set(symbol, intervalMs);
  turns.setIntervals(intervals, now);
}

function poll(context: PollerContext, symbol: string): void {
  const { clock, turns, underWay } = context;
  const run = read(context, symbol)
    .catch((thrown: unknown) => endProcess(clock, thrown))
    .finally(() => {
      turns.done(symbol);
      const wasFull = underWay.size >= MAX_UNDER_WAY;
      underWay.delete(run);
      if (wasFull) tick(context);
    });
  underWay.add(run);
}

async function read(context: PollerContext, symbol: string): Promise<void> {
  const { exchange, signal } = context;
  let reading: OpenInterestReading;
  try {
    reading = await exchange.openInterest(symbol, signal);
  } catch (thrown) {
    if (!signal.aborted) handleFailure(context, symbol, thrown);
    return;
  }
  accept(context, reading);
}

function accept(context: PollerContext, reading: OpenInterestReading): void {
  const { readTimes, lastTs, clock, systemClock, outbox, alerts, attention, logger } = context;
  const { symbol, openInterest, ts } = reading;
  if (!isUsable(reading)) {
    logger.warn({ symbol, ts }, 'ignored malformed open interest response');
    return;
  }
  readTimes.note(symbol, clock.now());
  const last = lastTsBefore(context, reading);
  if (last !== null && ts <= last) return;
  lastTs.set(symbol, ts);
  if (last === null || ts - last > GAP_MS) context.onGap({ symbol, from: last, to: ts });

  const price = context.markPrices.priceOf(symbol);
  const sample = toSample(reading, price, 'realtime', systemClock.now());
  const point = { ts, openInterest, markPrice: price?.markPrice ?? null };
  outbox.put('live', [sample], () => context.keepReading(symbol, point));
  logger.debug({ symbol, ts }, 'open interest read');
  alerts.observe(symbol, point, price?.fundingRate ?? null);
  attention.observe(symbol, { ts, openInterestUsd: sample.openInterestUsd as number | null });
}

/** A last reading from the future dates from before the exchange's clock was set back and must not block later ones. */
function lastTsBefore(context: PollerContext, { symbol, ts }: OpenInterestReading): number | null {
  const last = context.lastTs.get(symbol) ?? null;
  const latest = context.systemClock.now() + (context.clockAheadMs() ?? 0) + MOST_AHEAD_MS;
  return last !== null && last >= ts && last > latest ? null : last;
}

function handleFailure(context: PollerContext, symbol: string, thrown: unknown): void {
  const { clock, systemClock, turns, logger } = context;
  const now = clock.now();
  noteFailure(context, thrown);
  const { kind, until } = thrown instanceof ExchangeError ? thrown : { kind: 'unavailable', until: null };
  if (kind === 'banned' || kind === 'throttled') {
    const waitMs = until === null ? DEFAULT_PAUSE_MS : until - systemClock.now();
    context.paused = { until: now + waitMs, why: `the exchange has ${kind} this address` };
  } else if (kind === 'unknown_symbol' || kind === 'refused') {
    logger.warn({ err: coerceError(thrown), symbol }, 'exchange has no open interest for a symbol');
    turns.rest(symbol, now + UNKNOWN_REST_MS);
    plan(context, now);
    if (kind === 'unknown_symbol') context.onUnknownSymbol(symbol);
  } else {
    logger.debug({ err: coerceError(thrown), symbol }, 'cannot read a symbol');
  }
}

/** A request that was refused because the exchange was closed was not sent, so its failure means nothing. */
function noteFailure({ failures, logger }: PollerContext, thrown: unknown): void {
  if (thrown instanceof ExchangeError && thrown.until !== null && thrown.status === null) return;
  if (!failures.note(thrown)) return;
  const last = failures.last()!;
  logger.warn({ reason: formatFailure(last), count: last.count }, 'cannot read symbols');
}

function onUniverse(context: PollerContext, symbols: readonly string[]): void {
  const members = new Set(symbols);
  context.attention.keep(members);
  context.readTimes.keep(members);
  context.logger.info({ symbols: symbols.length }, 'polling a new universe');
  context.onUniverse(symbols);
  plan(context, context.clock.now());
  tick(context);
}

function status(context: PollerContext): JobStatus {
  return describePoller({
    ...context,
    now: context.clock.now(),
    systemNow: context.systemClock.now(),
    symbols: context.universe.symbols().length,
    clockAheadMs: context.clockAheadMs(),
    lastError: context.failures.last(),
  });
}
