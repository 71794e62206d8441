import { DAY_MS, HOUR_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { MOST_AHEAD_MS } from '../binance/mostAhead.ts';
import type { AlertRule } from '../config.ts';
import type { Outbox } from '../spool/outbox.ts';
import type { Cooldown } from './cooldownFile.ts';
import type { DetectedAlert } from './detector.ts';
import type { RingPoint } from './ring.ts';
import type { AlertStore } from './alerts.repository.ts';
import type { AlertFloor } from './alerts.types.ts';
import { createWatch, horizonOf, type Judgement } from './watch.ts';

/** Stablecoin against stablecoin: its open interest says nothing. */
const NEVER_ALERTED: ReadonlySet<string> = new Set(['USDCUSDT']);
/** What an alert is told to come from: the original's name, so that nobody's filter has to change. */
const ALERT_SOURCE = 'oi_realtime_poller';

export type Alerts = ReturnType<typeof createAlerts>;

/**
 * Tells spikes and dumps of open interest. An alert goes to the spool in one commit with the state that says it has
 * fired: a kill leaves both or neither, so that no alert is lost and none is told twice. It counts as told from then on;
 * the spool keeps it until the server has it.
 */
export function createAlerts(options: {
  rules: readonly AlertRule[];
  floor: AlertFloor;
  outbox: Pick<Outbox, 'put' | 'holdsUnspooledAlerts'>;
  store: AlertStore;
  clock: Clock;
  logger: Logger;
  /** What the original poller remembered. */
  cooldowns?: readonly Cooldown[];
}) {
  const { rules, floor, outbox, store, clock, logger } = options;
  const horizonMs = horizonOf(rules);
  const watch = createWatch({ rules, floor });
  /** Why a change past the threshold is not told, by symbol and timeframe. */
  const heldBack = new Map<string, string>();
  /**
   * States that may not be on the disk, by symbol and timeframe. One that goes with an alert is among them even if it was
   * written, for its commit may have failed all the same; the alert is then held in memory.
   */
  const unwritten = new Map<string, () => void>();

  const startedAt = clock.now();
  // An earlier build kept readings from the future; behind one of them no window ever moves.
  const kept = store.selectReadings(startedAt - horizonMs, startedAt + MOST_AHEAD_MS);
  for (const [symbol, points] of kept) watch.fill(symbol, points);
  for (const { symbol, timeframe, state } of store.selectStates()) watch.setState(symbol, timeframe, state);
  for (const cooldown of options.cooldowns ?? []) takeOver(cooldown);

  function takeOver({ symbol, direction, timeframe, firedAt }: Cooldown): void {
    const state = watch.stateOf(symbol, timeframe);
    if (firedAt <= (state[direction].firedAt ?? 0)) return;
    watch.setState(symbol, timeframe, { ...state, [direction]: { ...state[direction], firedAt } });
  }

  function act(symbol: string, fundingRate: number | null, judgement: Judgement): void {
    const { rule, state, before, alert } = judgement;
    const key = `${symbol}|${rule.timeframe}`;
    noteHeldBack(key, judgement.heldBack);
    if (state === before) return;
    // What it is by then: an alert that was held in memory is stored when the next states have long been.
    const remember = () => store.upsertState(symbol, rule.timeframe, watch.stateOf(symbol, rule.timeframe));
    unwritten.set(key, remember);
    if (!alert) {
      writeStates([[key, remember]]);
      return;
    }
    outbox.put('alert', [describe(symbol, fundingRate, judgement, alert)], remember);
    const { direction, pctChange } = alert;
    logger.info({ symbol, direction, timeframe: rule.timeframe, pctChange }, 'open interest alert');
  }

  /** Said once, however many readings it lasts. */
  function noteHeldBack(key: string, cause: Judgement['heldBack']): void {
    if (cause === null) {
      heldBack.delete(key);
    } else if (heldBack.get(key) !== cause) {
      heldBack.set(key, cause);
      logger.debug({ what: key, cause }, 'open interest alert held back');
    }
  }

  /**
   * None while an alert is held in memory: a kill would lose the alert and leave the state that says it has been told. The
   * spool stores both together, when it can.
   */
  function writeStates(states: Iterable<[string, () => void]>): void {
    if (outbox.holdsUnspooledAlerts()) return;
    for (const [key, write] of states) {
      // The disk that refuses one refuses them all.
      if (!tryTo(write)) return;
      unwritten.delete(key);
    }
  }

  /** What could not be written is tried again when it is pruned; until then a restart concludes it again. */
  function tryTo(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (thrown) {
      logger.warn({ err: coerceError(thrown) }, 'the state of alerts cannot be stored');
      return false;
    }
  }

  return {
    /** How far back readings must reach for every window to have a base. */
    horizonMs,
    /** Judges a reading that is newer than the last one of its symbol. */
    observe(symbol: string, point: RingPoint, fundingRate: number | null): void {
      const judgements = watch.observe(symbol, point);
      if (NEVER_ALERTED.has(symbol)) return;
      for (const it of judgements) act(symbol, fundingRate, it);
    },
    /** Readings from before the oldest that is known, as the server's history tells them. */
    fill: watch.fill,
    oldestOf: watch.oldestOf,
    /** How near an alert the symbol is: 1 is at the threshold, 0 is no change; `null`: not known. */
    proximityOf: watch.proximityOf,
    /** Lets go of readings that no window reaches any more, and writes what a full disk would not take. */
    prune(): void {
      const before = clock.now() - horizonMs;
      tryTo(() => store.deleteReadings(before, clock.now() + DAY_MS));
      watch.forget(before - HOUR_MS);
      writeStates(unwritten);
    },
  };
}

/** As the server takes it: `OpenInterestAlertInput`. */
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

/** Fraction; `null` when one of the prices is not known. */
function computePriceChange(before: number | null, now: number | null): number | null {
  return before !== null && now !== null && before > 0 ? now / before - 1 : null;
}
