import { HOUR_MS, MINUTE_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import type { AlertRule } from '../collector.config.ts';
import type { Outbox } from '../spool/spool.outbox.ts';
import type { Cooldown } from './alerts.cooldownFile.ts';
import { detectAlert, toleranceMs, windowOf, type DetectedAlert } from './alerts.detector.ts';
import { createRing, type Ring, type RingPoint } from './alerts.ring.ts';
import type { AlertStore } from './alerts.store.ts';
import { QUIET, type AlertFloor, type AlertState } from './alerts.types.ts';

/**
 * Spikes and dumps of open interest. Each reading goes into its symbol's ring and is judged against the base of each
 * window. An alert goes to the spool in one commit with the state that says it has fired: a kill leaves both or neither,
 * so that no alert is lost and none is told twice.
 */
export type Alerts = {
  /** Judges a reading that is newer than the last one of its symbol. */
  observe(symbol: string, point: RingPoint, fundingRate: number | null): void;
  /** Readings from before the ring's oldest one, as the server's history tells them. They are never judged. */
  fill(symbol: string, older: readonly RingPoint[]): void;
  newestOf(symbol: string): RingPoint | null;
  /** How near the symbol's open interest is to an alert: 1 is at the threshold, 0 is no change; `null`: not known. */
  proximityOf(symbol: string): number | null;
  /** From when on the ring of a symbol must reach back for every window to have a base. */
  horizonMs: number;
  /** Lets go of readings that no window reaches any more. */
  prune(): void;
  status(): {
    symbols: number;
    fired: number;
    heldBack: { cooldown: number; floor: number; no_price: number };
  };
};

/** Stablecoin against stablecoin: its open interest says nothing. */
const NEVER_ALERTED: ReadonlySet<string> = new Set(['USDCUSDT']);
/** What an alert is told to come from; the original's name, so that nobody's filter has to change. */
const ALERT_SOURCE = 'oi_realtime_poller';

type Watched = {
  ring: Ring;
  states: Map<string, AlertState>;
  heldBack: Map<string, string>;
  proximity: number | null;
};

export function createAlerts(options: {
  rules: readonly AlertRule[];
  floor: AlertFloor;
  outbox: Outbox;
  store: AlertStore;
  clock: Clock;
  logger: Logger;
  /** What the original poller remembered. */
  cooldowns?: readonly Cooldown[];
}): Alerts {
  const { rules, floor, outbox, store, clock, logger } = options;
  const horizonMs = Math.max(HOUR_MS, ...rules.map((it) => it.lookbackMs + toleranceMs(it))) + MINUTE_MS;
  const watched = new Map<string, Watched>();
  const counts = { fired: 0, heldBack: { cooldown: 0, floor: 0, no_price: 0 } };

  for (const [symbol, points] of store.selectReadings(clock.now() - horizonMs))
    watch(symbol).ring.fill(points);
  for (const { symbol, timeframe, state } of store.selectStates()) watch(symbol).states.set(timeframe, state);
  for (const cooldown of options.cooldowns ?? []) takeOver(cooldown);

  function watch(symbol: string): Watched {
    let it = watched.get(symbol);
    if (!it) {
      it = { ring: createRing({ horizonMs }), states: new Map(), heldBack: new Map(), proximity: null };
      watched.set(symbol, it);
    }
    return it;
  }

  function takeOver({ symbol, direction, timeframe, firedAt }: Cooldown): void {
    const { states } = watch(symbol);
    const state = states.get(timeframe) ?? QUIET;
    const known = state[direction].firedAt ?? 0;
    if (firedAt <= known) return;
    states.set(timeframe, { ...state, [direction]: { ...state[direction], firedAt } });
  }

  function judge(
    symbol: string,
    it: Watched,
    rule: AlertRule,
    current: RingPoint,
    fundingRate: number | null,
  ) {
    const { start, notBefore } = windowOf(rule, current.ts);
    const found = it.ring.newestAtOrBefore(start);
    const base = found && found.ts >= notBefore ? found : null;
    const state = it.states.get(rule.timeframe) ?? QUIET;
    const detection = detectAlert({ rule, floor, base, current, state });
    if (base && base.openInterest > 0) {
      const change = Math.abs(current.openInterest / base.openInterest - 1);
      it.proximity = Math.max(it.proximity ?? 0, change / rule.threshold);
    }
    noteHeldBack(it, rule, detection.heldBack);
    if (detection.state === state) return;
    it.states.set(rule.timeframe, detection.state);
    const remember = () => store.upsertState(symbol, rule.timeframe, detection.state);
    if (detection.alert) tell(symbol, rule, current, fundingRate, detection.alert, remember);
    else tryTo(remember);
  }

  function tell(
    symbol: string,
    rule: AlertRule,
    current: RingPoint,
    fundingRate: number | null,
    { direction, base, pctChange, absChange }: DetectedAlert,
    remember: () => void,
  ): void {
    const alert = {
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
    outbox.put('alert', alert, remember);
    counts.fired += 1;
    logger.info({ symbol, direction, timeframe: rule.timeframe, pctChange }, 'open interest alert');
  }

  /** An episode is counted once, however many readings it lasts. */
  function noteHeldBack(it: Watched, rule: AlertRule, cause: keyof typeof counts.heldBack | null): void {
    if (cause === null) {
      it.heldBack.delete(rule.timeframe);
    } else if (it.heldBack.get(rule.timeframe) !== cause) {
      it.heldBack.set(rule.timeframe, cause);
      counts.heldBack[cause] += 1;
    }
  }

  /** Without it, the next reading comes to the same conclusion. */
  function tryTo(write: () => void): void {
    try {
      write();
    } catch (thrown) {
      logger.warn({ err: coerceError(thrown) }, 'the state of an alert cannot be stored');
    }
  }

  return {
    horizonMs,
    observe(symbol, point, fundingRate) {
      const it = watch(symbol);
      if (!it.ring.push(point) || NEVER_ALERTED.has(symbol)) return;
      it.proximity = null;
      for (const rule of rules) judge(symbol, it, rule, point, fundingRate);
    },
    fill: (symbol, older) => watch(symbol).ring.fill(older),
    newestOf: (symbol) => watched.get(symbol)?.ring.newest() ?? null,
    proximityOf: (symbol) => watched.get(symbol)?.proximity ?? null,
    prune() {
      const before = clock.now() - horizonMs;
      tryTo(() => store.deleteReadings(before));
      for (const [symbol, it] of watched) {
        // A symbol that has left: what it remembers of alerts stays on the disk, its readings go.
        const newest = it.ring.newest();
        if (newest && newest.ts < before - HOUR_MS) it.ring = createRing({ horizonMs });
        if (!newest && it.states.size === 0) watched.delete(symbol);
      }
    },
    status: () => ({ symbols: watched.size, fired: counts.fired, heldBack: { ...counts.heldBack } }),
  };
}

/** Fraction; `null` when one of the prices is not known. */
function computePriceChange(before: number | null, now: number | null): number | null {
  return before !== null && now !== null && before > 0 ? now / before - 1 : null;
}
