import { setMaxListeners } from 'node:events';
import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { computePollIntervalSec } from '../../openInterest/universe/pollInterval.shared.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { RingPoint } from '../alerts/ring.ts';
import { MOST_AHEAD_MS } from '../binance/mostAhead.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange, MarkPrices, OpenInterestReading } from '../collector.types.ts';
import { endProcess } from '../process/endProcess.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { createFailures, formatFailure } from '../heartbeat/failures.ts';
import type { Outbox } from '../spool/outbox.ts';
import type { Attention } from './attention.ts';
import { createReadTimes } from './readTimes.ts';
import { isUsable, toSample } from './sample.ts';
import type { SchedulePolicy } from './schedule.types.ts';
import { describePoller, type Closure } from './status.ts';
import { createTurns } from './turns.ts';
import type { UniverseFeed } from './universe.ts';

/**
 * Asks the exchange for the open interest of every symbol of the universe, one after the other at the pace the budget
 * allows, and puts each answer into the outbox as it comes. There are no sweeps: each symbol has its own turns, so
 * nothing waits for the slowest, and a symbol that hangs costs only its own place among those under way.
 *
 * A reading goes on if it is newer than the last one of its symbol. When the exchange has nothing new to say it is not
 * sent again: the server would count a duplicate, and its age tells the truth as it is.
 */
export type PollerOptions = {
  exchange: Pick<Exchange, 'openInterest'>;
  markPrices: Pick<MarkPrices, 'priceOf'>;
  universe: UniverseFeed;
  outbox: Pick<Outbox, 'put'>;
  alerts: Alerts;
  /** Stores a reading for the ring; runs in the transaction that spools it. */
  keepReading: (symbol: string, point: RingPoint) => void;
  attention: Attention;
  policy: SchedulePolicy;
  /** Requests of weight 1 that the budget leaves for this job; asked again and again. */
  requestsPerMin: () => number;
  settings: { minIntervalSec: number; maxIntervalSec: number };
  /** How far the exchange's clock is ahead of this machine's; `null`: not known. Nothing here depends on it. */
  clockAheadMs: () => number | null;
  /** Ends of the last readings of an earlier run, to know what was missed since. */
  lastTs: ReadonlyMap<string, number>;
  /** Nothing was read of the symbol between these moments; `from` is `null` when it was never read. */
  onGap: (gap: { symbol: string; from: number | null; to: number }) => void;
  /** These are the symbols from now on. */
  onUniverse: (symbols: readonly string[]) => void;
  /** The exchange does not know the symbol (any more). */
  onUnknownSymbol: (symbol: string) => void;
  /** Must be steady: see steadyClock.ts. Waits and ages must not depend on what somebody sets the system's clock to. */
  clock: Clock;
  systemClock: Pick<Clock, 'now'>;
  logger: Logger;
};

const MAX_UNDER_WAY = 100;
const REPLAN_MS = SECOND_MS;
/** A symbol that the exchange does not know is asked again after this, should the universe still name it. */
const UNKNOWN_REST_MS = 10 * MINUTE_MS;
/** The exchange's points are five minutes apart: shorter silences cannot be filled. */
const GAP_MS = 6 * MINUTE_MS;
const DEFAULT_CLOSURE_MS = MINUTE_MS;
const ALIVE_MS = 30 * SECOND_MS;

export type Poller = Job & {
  /** False when its own clockwork has stopped, which nothing outside can cause. */
  isAlive(): boolean;
};

export function createPoller(options: PollerOptions): Poller {
  const { exchange, universe, outbox, alerts, attention, clock, systemClock, logger, settings } = options;
  const turns = createTurns();
  const readTimes = createReadTimes();
  const failures = createFailures({ clock, systemClock });
  const lastTs = new Map(options.lastTs);
  const stopping = new AbortController();
  // Each request under way listens, and that is no leak.
  setMaxListeners(MAX_UNDER_WAY + 10, stopping.signal);
  const underWay = new Set<Promise<void>>();
  let startedAt = 0;
  let evenIntervalMs = settings.maxIntervalSec * SECOND_MS;
  let plannedAt = -Infinity;
  let tickedAt = -Infinity;
  let closed: Closure | null = null;
  let cancelTick: (() => void) | null = null;

  function tick(): void {
    cancelTick?.();
    cancelTick = null;
    if (stopping.signal.aborted) return;
    const now = clock.now();
    tickedAt = now;
    if (closed && closed.until <= now) closed = null;
    if (now - plannedAt >= REPLAN_MS) plan(now);
    if (!closed && underWay.size < MAX_UNDER_WAY) {
      const symbol = turns.take(now);
      if (symbol !== null) start(symbol);
    }
    const nextAt = closed ? Math.min(closed.until, now + REPLAN_MS) : turns.nextAt(now);
    // With every place taken, whoever finishes calls again.
    const waitMs = underWay.size >= MAX_UNDER_WAY ? REPLAN_MS : nextAt - now;
    cancelTick = clock.after(Math.min(Math.max(0, waitMs), REPLAN_MS), tick);
  }

  function plan(now: number): void {
    plannedAt = now;
    const all = universe.symbols();
    const asked = all.filter((symbol) => !turns.isResting(symbol, now));
    evenIntervalMs =
      SECOND_MS *
      computePollIntervalSec(asked.length, {
        requestsPerMin: options.requestsPerMin(),
        minSec: settings.minIntervalSec,
        maxSec: settings.maxIntervalSec,
      });
    const intervals = new Map(all.map((symbol) => [symbol, evenIntervalMs]));
    const planned = options.policy({
      symbols: asked,
      evenIntervalMs,
      minIntervalMs: settings.minIntervalSec * SECOND_MS,
      attentionOf: attention.of,
    });
    for (const [symbol, intervalMs] of planned) intervals.set(symbol, intervalMs);
    turns.setIntervals(intervals, now);
  }

  function start(symbol: string): void {
    const run = ask(symbol)
      .catch((thrown: unknown) => endProcess(clock, thrown))
      .finally(() => {
        turns.done(symbol);
        const wasFull = underWay.size >= MAX_UNDER_WAY;
        underWay.delete(run);
        if (wasFull) tick();
      });
    underWay.add(run);
  }

  async function ask(symbol: string): Promise<void> {
    let reading: OpenInterestReading;
    try {
      reading = await exchange.openInterest(symbol, stopping.signal);
    } catch (thrown) {
      if (!stopping.signal.aborted) endure(symbol, thrown);
      return;
    }
    accept(reading);
  }

  function accept(reading: OpenInterestReading): void {
    const { symbol, openInterest, ts } = reading;
    if (!isUsable(reading)) {
      logger.warn({ symbol, ts }, 'the exchange answered what is no open interest');
      return;
    }
    readTimes.note(symbol, clock.now());
    const last = lastTsBefore(reading);
    if (last !== null && ts <= last) return;
    lastTs.set(symbol, ts);
    if (last === null || ts - last > GAP_MS) options.onGap({ symbol, from: last, to: ts });

    const price = options.markPrices.priceOf(symbol);
    const sample = toSample(reading, price, 'realtime', systemClock.now());
    const point = { ts, openInterest, markPrice: price?.markPrice ?? null };
    outbox.put('live', [sample], () => options.keepReading(symbol, point));
    logger.debug({ symbol, ts }, 'open interest read');
    alerts.observe(symbol, point, price?.fundingRate ?? null);
    attention.observe(symbol, { ts, openInterestUsd: sample.openInterestUsd as number | null });
  }

  /** A last reading that lies ahead is from before the exchange's clock was set back; it must not keep others out. */
  function lastTsBefore({ symbol, ts }: OpenInterestReading): number | null {
    const last = lastTs.get(symbol) ?? null;
    const latest = systemClock.now() + (options.clockAheadMs() ?? 0) + MOST_AHEAD_MS;
    return last !== null && last >= ts && last > latest ? null : last;
  }

  function endure(symbol: string, thrown: unknown): void {
    const now = clock.now();
    noteFailure(thrown);
    const kind = thrown instanceof ExchangeError ? thrown.kind : 'unavailable';
    const until = thrown instanceof ExchangeError ? thrown.until : null;
    if (kind === 'banned' || kind === 'throttled') {
      const waitMs = until === null ? DEFAULT_CLOSURE_MS : until - systemClock.now();
      closed = { until: now + waitMs, why: `the exchange has ${kind} this address` };
    } else if (kind === 'unknown_symbol' || kind === 'refused') {
      logger.warn({ err: coerceError(thrown), symbol }, 'the exchange has no open interest for a symbol');
      turns.rest(symbol, now + UNKNOWN_REST_MS);
      plan(now);
      if (kind === 'unknown_symbol') options.onUnknownSymbol(symbol);
    } else {
      logger.debug({ err: coerceError(thrown), symbol }, 'a symbol could not be read');
    }
  }

  /** What waited while the exchange closed was not asked, and says nothing of the exchange. */
  function noteFailure(thrown: unknown): void {
    if (thrown instanceof ExchangeError && thrown.until !== null && thrown.status === null) return;
    if (!failures.note(thrown)) return;
    const last = failures.last()!;
    logger.warn({ reason: formatFailure(last), count: last.count }, 'symbols cannot be read');
  }

  function onUniverse(symbols: readonly string[]): void {
    const members = new Set(symbols);
    attention.keep(members);
    readTimes.keep(members);
    logger.info({ symbols: symbols.length }, 'polling a universe');
    options.onUniverse(symbols);
    plan(clock.now());
    tick();
  }

  function status(): JobStatus {
    return describePoller({
      now: clock.now(),
      systemNow: systemClock.now(),
      startedAt,
      evenIntervalMs,
      symbols: universe.symbols().length,
      closed,
      clockAheadMs: options.clockAheadMs(),
      readTimes,
      lastError: failures.last(),
    });
  }

  return {
    async start() {
      startedAt = clock.now();
      universe.start(onUniverse);
      tick();
    },
    async stop() {
      stopping.abort(new Error('the poller is stopping'));
      cancelTick?.();
      await universe.stop();
      await Promise.allSettled(underWay);
    },
    status,
    isAlive: () => clock.now() - tickedAt < ALIVE_MS,
  };
}
