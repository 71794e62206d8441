import { HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { AlertRule } from '../config.ts';
import {
  detectAlert,
  QUIET,
  toleranceMs,
  windowOf,
  type AlertFloor,
  type AlertState,
  type Detection,
} from './detector.ts';
import { createRing, type Ring, type RingPoint } from './ring.ts';

/** What one reading means for one timeframe of its symbol. */
export type Judgement = { rule: AlertRule; before: AlertState; current: RingPoint } & Detection;

type Watched = { ring: Ring; states: Map<string, AlertState>; proximity: number | null };

/** How far back readings must reach for every window to have a base. */
export function horizonOf(rules: readonly AlertRule[]): number {
  return Math.max(HOUR_MS, ...rules.map((it) => it.lookbackMs + toleranceMs(it))) + MINUTE_MS;
}

/** The readings and alert states of every symbol, in memory. */
export function createWatch(options: { rules: readonly AlertRule[]; floor: AlertFloor }) {
  const { rules, floor } = options;
  const horizonMs = horizonOf(rules);
  const watched = new Map<string, Watched>();

  function watch(symbol: string): Watched {
    let entry = watched.get(symbol);
    if (!entry) {
      entry = { ring: createRing({ horizonMs }), states: new Map(), proximity: null };
      watched.set(symbol, entry);
    }
    return entry;
  }

  function judge(entry: Watched, rule: AlertRule, current: RingPoint): Judgement {
    const { start, notBefore } = windowOf(rule, current.ts);
    const found = entry.ring.newestAtOrBefore(start);
    const base = found && found.ts >= notBefore ? found : null;
    const before = entry.states.get(rule.timeframe) ?? QUIET;
    const detection = detectAlert({ rule, floor, base, current, state: before });
    entry.states.set(rule.timeframe, detection.state);
    if (base && base.openInterest > 0) {
      const change = Math.abs(current.openInterest / base.openInterest - 1);
      entry.proximity = Math.max(entry.proximity ?? 0, change / rule.threshold);
    }
    return { rule, before, current, ...detection };
  }

  return {
    /** Judges a reading; empty for one that is not newer than the last of its symbol. */
    observe(symbol: string, point: RingPoint): Judgement[] {
      const entry = watch(symbol);
      if (!entry.ring.push(point)) return [];
      entry.proximity = null;
      return rules.map((rule) => judge(entry, rule, point));
    },
    /** Adds readings from before the oldest known one, without judging them. */
    fill: (symbol: string, older: readonly RingPoint[]) => watch(symbol).ring.fill(older),
    stateOf: (symbol: string, timeframe: string) => watched.get(symbol)?.states.get(timeframe) ?? QUIET,
    setState: (symbol: string, timeframe: string, state: AlertState) =>
      void watch(symbol).states.set(timeframe, state),
    oldestOf: (symbol: string) => watched.get(symbol)?.ring.oldest() ?? null,
    /** How near an alert the symbol is: 1 is at the threshold, 0 is no change; `null`: no window has a base. */
    proximityOf: (symbol: string) => watched.get(symbol)?.proximity ?? null,
    /** Forgets readings of symbols without a newer one. */
    forget(before: number): void {
      for (const entry of watched.values()) {
        if ((entry.ring.newest()?.ts ?? Infinity) >= before) continue;
        entry.ring = createRing({ horizonMs });
        entry.proximity = null;
      }
    },
  };
}
