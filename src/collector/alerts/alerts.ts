import { DAY_MS, HOUR_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { MOST_AHEAD_MS } from '../../openInterest/ingest/ingest.types.ts';
import type { AlertRule } from '../config.ts';
import type { Outbox } from '../spool/outbox.ts';
import type { Cooldown } from './cooldownFile.ts';
import type { AlertFloor, DetectedAlert } from './detector.ts';
import type { RingPoint } from './ring.ts';
import type { AlertStore } from './alerts.repository.ts';
import { createWatch, horizonOf, type Judgement } from './watch.ts';

/** A stablecoin against a stablecoin: its open interest means nothing. */
const NEVER_ALERTED: ReadonlySet<string> = new Set(['USDCUSDT']);
/** The source of alerts: the original poller's name, which existing filters know. */
const ALERT_SOURCE = 'oi_realtime_poller';

type AlertsOptions = {
  rules: readonly AlertRule[];
  floor: AlertFloor;
  outbox: Pick<Outbox, 'put' | 'holdsUnspooledAlerts'>;
  store: AlertStore;
  clock: Clock;
  logger: Logger;
  /** From the original poller. */
  cooldowns?: readonly Cooldown[];
};

type Context = AlertsOptions & {
  watch: ReturnType<typeof createWatch>;
  /** Why a change above the threshold raises no alert, by symbol and timeframe. */
  suppressed: Map<string, string>;
  /**
   * States that may not be on the disk, by symbol and timeframe. That of an alert is among them although it was written,
   * because its commit may have failed.
   */
  unwritten: Map<string, () => void>;
};

export type Alerts = ReturnType<typeof createAlerts>;

/**
 * Detects spikes and dumps of open interest. An alert enters the spool in one commit with the state that says it has fired:
 * a crash leaves both or neither, so no alert is lost and none is raised twice.
 */
export function createAlerts(options: AlertsOptions) {
  const { rules, store, clock } = options;
  const horizonMs = horizonOf(rules);
  const watch = createWatch(options);
  const context: Context = { ...options, watch, suppressed: new Map(), unwritten: new Map() };
  restore(context, horizonMs);

  return {
    /** How far back readings must reach for every window to have a base. */
    horizonMs,
    /** Judges a reading that is newer than the last one of its symbol. */
    observe(symbol: string, point: RingPoint, fundingRate: number | null): void {
      const judgements = watch.observe(symbol, point);
      if (NEVER_ALERTED.has(symbol)) return;
      for (const it of judgements) act(context, symbol, fundingRate, it);
    },
    /** Adds readings from before the oldest known one, from the server's history. */
    fill: watch.fill,
    oldestOf: watch.oldestOf,
    /** How near an alert the symbol is: 1 is at the threshold, 0 is no change; `null`: not known. */
    proximityOf: watch.proximityOf,
    /** Forgets readings that no window reaches any more, and writes states that the disk refused. */
    prune(): void {
      const before = clock.now() - horizonMs;
      tryWrite(context, () => store.deleteReadings(before, clock.now() + DAY_MS));
      watch.forget(before - HOUR_MS);
      writeStates(context, context.unwritten);
    },
  };
}

function restore({ store, clock, watch, cooldowns = [] }: Context, horizonMs: number): void {
  const now = clock.now();
  // An earlier build stored readings from the future; behind one of them no window ever moves.
  const readings = store.selectReadings(now - horizonMs, now + MOST_AHEAD_MS);
  for (const [symbol, points] of readings) watch.fill(symbol, points);
  for (const { symbol, timeframe, state } of store.selectStates()) watch.setState(symbol, timeframe, state);
  for (const { symbol, direction, timeframe, firedAt } of cooldowns) {
    const state = watch.stateOf(symbol, timeframe);
    if (firedAt <= (state[direction].firedAt ?? 0)) continue;
    watch.setState(symbol, timeframe, { ...state, [direction]: { ...state[direction], firedAt } });
  }
}

function act(context: Context, symbol: string, fundingRate: number | null, judgement: Judgement): void {
  const { watch, store, outbox, logger, unwritten } = context;
  const { rule, state, before, alert } = judgement;
  const { timeframe } = rule;
  const key = `${symbol}|${timeframe}`;
  logSuppressed(context, key, judgement.suppressedBy);
  if (state === before) return;
  // Reads the state when it is written: it may be a later one by then.
  const writeState = () => store.upsertState(symbol, timeframe, watch.stateOf(symbol, timeframe));
  unwritten.set(key, writeState);
  if (!alert) {
    writeStates(context, [[key, writeState]]);
    return;
  }
  outbox.put('alert', [describe(symbol, fundingRate, judgement, alert)], writeState);
  const { direction, pctChange } = alert;
  logger.info({ symbol, direction, timeframe, pctChange }, 'open interest alert');
}

/** Once, however many readings it lasts. */
function logSuppressed({ suppressed, logger }: Context, key: string, cause: Judgement['suppressedBy']): void {
  if (cause === null) suppressed.delete(key);
  else if (suppressed.get(key) !== cause) {
    suppressed.set(key, cause);
    logger.debug({ what: key, cause }, 'open interest alert suppressed');
  }
}

/** Writes nothing while an alert is in memory only: a crash would lose the alert and leave the state that it has fired. */
function writeStates(context: Context, states: Iterable<[string, () => void]>): void {
  if (context.outbox.holdsUnspooledAlerts()) return;
  for (const [key, write] of states) {
    // A disk that refuses one refuses them all.
    if (!tryWrite(context, write)) return;
    context.unwritten.delete(key);
  }
}

/** A failed write is retried by `prune`; a restart before that reaches the same state again. */
function tryWrite({ logger }: Context, write: () => void): boolean {
  try {
    write();
    return true;
  } catch (thrown) {
    logger.warn({ err: coerceError(thrown) }, 'cannot store alert state');
    return false;
  }
}

/** An `OpenInterestAlertInput` of the server. */
function describe(
  symbol: string,
  fundingRate: number | null,
  { rule, current }: Judgement,
  { direction, base, pctChange, absChange }: DetectedAlert,
) {
  return {
    symbol,
    direction,
    baseline: base.openInterest,
    current: current.openInterest,
    pctChange,
    absChange,
    priceChange: computePriceChange(base.markPrice, current.markPrice),
    fundingRate,
    timeframe: rule.timeframe,
    timestamp: new Date(current.ts).toISOString(),
    source: ALERT_SOURCE,
  };
}

/** Fraction; `null` when a price is not known. */
function computePriceChange(before: number | null, now: number | null): number | null {
  return before !== null && now !== null && before > 0 ? now / before - 1 : null;
}
