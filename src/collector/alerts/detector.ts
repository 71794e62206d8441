import { MINUTE_MS } from '../../kit/clock.ts';
import type { Direction } from '../../openInterest/openInterest.types.ts';
import type { RingPoint } from './ring.ts';
import type { AlertRule } from '../config.ts';

/**
 * A smaller change raises no alert; 0 is no floor. USD mean the same for every symbol; contracts are hundreds of millions for
 * one symbol and a few dollars for another, so that floor only applies where the price is not known.
 */
export type AlertFloor = { minDeltaUsd: number; minDeltaContracts: number };

/** Of one symbol, timeframe and direction. */
type DirectionState = {
  /** Fired, and not armed again since. */
  isFired: boolean;
  /** The exchange's time of the last reading that fired. */
  firedAt: number | null;
};

export type AlertState = Readonly<Record<Direction, DirectionState>>;

export const QUIET: AlertState = {
  UP: { isFired: false, firedAt: null },
  DOWN: { isFired: false, firedAt: null },
};

export type Detection = {
  state: AlertState;
  alert: DetectedAlert | null;
  /** Why a change above the threshold raises no alert (yet). */
  suppressedBy: 'cooldown' | 'floor' | 'no_price' | null;
};

export type DetectedAlert = {
  direction: Direction;
  base: RingPoint;
  /** Fraction. */
  pctChange: number;
  /** Contracts. */
  absChange: number;
};

/** Base and reading may be further apart than the window by this share of it, within the bounds below. */
const TOLERANCE_SHARE = 0.2;
const LEAST_TOLERANCE_MS = MINUTE_MS;
const MOST_TOLERANCE_MS = 2 * MINUTE_MS;

/** How far before the window's start its base may be: an older one would be the base of a longer window. */
export function toleranceMs(rule: AlertRule): number {
  return Math.min(Math.max(rule.lookbackMs * TOLERANCE_SHARE, LEAST_TOLERANCE_MS), MOST_TOLERANCE_MS);
}

/** A window's base is the newest reading not newer than `start` and not older than `notBefore`. */
export function windowOf(rule: AlertRule, ts: number): { start: number; notBefore: number } {
  const start = ts - rule.lookbackMs;
  return { start, notBefore: start - toleranceMs(rule) };
}

/**
 * Judges one reading against the base of one window.
 *
 * Each direction fires when the change reaches the threshold and is armed again once the change is below half of it, so
 * open interest that hovers at the threshold fires once. The directions are independent: a swing from +5 % to -5 % is two
 * alerts. An alert that the cooldown or the floor suppresses stays armed and fires later, if the change persists. Without a
 * base nothing is known and nothing changes.
 */
export function detectAlert(input: {
  rule: AlertRule;
  floor: AlertFloor;
  base: RingPoint | null;
  current: RingPoint;
  state: AlertState;
}): Detection {
  const { rule, base, current, state } = input;
  if (base === null || base.openInterest <= 0) return { state, alert: null, suppressedBy: null };
  const absChange = current.openInterest - base.openInterest;
  const pctChange = absChange / base.openInterest;
  const direction: Direction = absChange >= 0 ? 'UP' : 'DOWN';
  const rearmed = rearm(state, rule, pctChange);
  const unchanged = { state: rearmed, alert: null };

  if (Math.abs(pctChange) < rule.threshold || rearmed[direction].isFired)
    return { ...unchanged, suppressedBy: null };
  const tooSmall = judgeSize(input.floor, Math.abs(absChange), current.markPrice ?? base.markPrice);
  if (tooSmall) return { ...unchanged, suppressedBy: tooSmall };
  const { firedAt } = rearmed[direction];
  if (firedAt !== null && current.ts - firedAt < rule.cooldownMs)
    return { ...unchanged, suppressedBy: 'cooldown' };
  return {
    state: { ...rearmed, [direction]: { isFired: true, firedAt: current.ts } },
    alert: { direction, base, pctChange, absChange },
    suppressedBy: null,
  };
}

/** Returns the same object when nothing is armed again, so that nothing has to be stored. */
function rearm(state: AlertState, rule: AlertRule, pctChange: number): AlertState {
  const half = rule.threshold / 2;
  const up = state.UP.isFired && pctChange < half;
  const down = state.DOWN.isFired && pctChange > -half;
  if (!up && !down) return state;
  return {
    UP: up ? { ...state.UP, isFired: false } : state.UP,
    DOWN: down ? { ...state.DOWN, isFired: false } : state.DOWN,
  };
}

/** The base's price is at most as old as the window, which is good enough for an order of magnitude. */
function judgeSize(
  floor: AlertFloor,
  contracts: number,
  markPrice: number | null,
): 'floor' | 'no_price' | null {
  if (floor.minDeltaUsd > 0 && markPrice !== null) {
    return contracts * markPrice >= floor.minDeltaUsd ? null : 'floor';
  }
  if (floor.minDeltaContracts > 0) return contracts >= floor.minDeltaContracts ? null : 'floor';
  // A change of unknown size may be worth $25: the alert waits for a price.
  return floor.minDeltaUsd > 0 ? 'no_price' : null;
}
