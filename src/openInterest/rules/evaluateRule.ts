import { MINUTE_MS } from '../../kit/clock.ts';
import { readingOf, unusualIn, type Reading } from './reading.ts';
import type { AlertRuleInput } from './rules.types.ts';

/** What a rule remembers of a symbol. */
export type RuleState = {
  /** It may fire at the next crossing. */
  readonly armed: boolean;
  /** A crossing waits for the end of the cooldown. */
  readonly heldBack: boolean;
  /** The change that fired last, percent, until the rule is armed again. Its sign is the direction. */
  readonly peakPct: number | null;
  /** The time of the sample that fired last, epoch ms. */
  readonly lastFiredAt: number | null;
};

/** Of a symbol that a rule has not seen yet. */
export const FIRST_STATE: RuleState = { armed: true, heldBack: false, peakPct: null, lastFiredAt: null };

export type Outcome = {
  state: RuleState;
  fires: 'up' | 'down' | null;
  /** A crossing that the cooldown holds back; once until it fires or ends. */
  holdsBack: boolean;
};

/**
 * Judges one reading of one symbol; readings come in the order of their time. `null`: nothing changes. Pure: the same rule,
 * state and reading give the same outcome, live and in a replay.
 *
 * An armed rule fires when the change crosses its threshold and its conditions hold. It is armed again when the change in
 * that direction is below `rearmShare` of the threshold. Until then it fires only when the change is `escalationPct` percent
 * larger than the one that fired. A crossing within the cooldown waits, and fires afterwards if it is still there; an
 * escalation does not wait. A reading that is not live, backfill, or of before the last firing changes nothing.
 */
export function evaluateRule(rule: AlertRuleInput, state: RuleState, reading: Reading): Outcome | null {
  // A base next to nothing makes the change infinite, which neither a row nor a message can hold.
  if (!Number.isFinite(reading.changePct)) return null;
  if (reading.source === 'backfill' || reading.freshness !== 'live') return null;
  // The node that evaluated before has judged it, and what followed.
  if (state.lastFiredAt !== null && reading.current.ts <= state.lastFiredAt) return null;
  if (state.armed) return judgeArmed(rule, state, reading, state);
  const peak = state.peakPct ?? 0;
  const along = peak < 0 ? -reading.changePct : reading.changePct;
  if (along < rule.thresholdPct * rule.rearmShare) {
    const armed = { ...FIRST_STATE, lastFiredAt: state.lastFiredAt };
    return judgeArmed(rule, armed, reading, state);
  }
  const escalates = rule.escalationPct !== null && along >= Math.abs(peak) * (1 + rule.escalationPct / 100);
  return escalates && crosses(rule, reading) ? fire(reading) : null;
}

/** `before`: the state as it is stored. */
function judgeArmed(
  rule: AlertRuleInput,
  armed: RuleState,
  reading: Reading,
  before: RuleState,
): Outcome | null {
  if (crosses(rule, reading)) {
    const { lastFiredAt } = armed;
    const isCool = lastFiredAt === null || reading.current.ts - lastFiredAt >= rule.cooldownMin * MINUTE_MS;
    if (isCool) return fire(reading);
    if (armed.heldBack) return null;
    return { state: { ...armed, heldBack: true }, fires: null, holdsBack: true };
  }
  const isBack = sizeOf(rule, reading.changePct) < rule.thresholdPct * rule.rearmShare;
  if (armed.heldBack && isBack) {
    return { state: { ...armed, heldBack: false }, fires: null, holdsBack: false };
  }
  return armed === before ? null : { state: armed, fires: null, holdsBack: false };
}

function fire({ changePct, current }: Reading): Outcome {
  return {
    state: { armed: false, heldBack: false, peakPct: changePct, lastFiredAt: current.ts },
    fires: changePct < 0 ? 'down' : 'up',
    holdsBack: false,
  };
}

/** The change in the direction that the rule watches, percent; negative in the other direction. */
function sizeOf({ direction }: AlertRuleInput, changePct: number): number {
  if (direction === 'both') return Math.abs(changePct);
  return direction === 'up' ? changePct : -changePct;
}

function crosses(rule: AlertRuleInput, reading: Reading): boolean {
  return sizeOf(rule, reading.changePct) >= rule.thresholdPct && meetsConditions(rule, reading);
}

/** Whether a firing depends on more than contracts, so that a crossing often fires nothing. */
export function needsPrices({
  leastUsd,
  price,
  funding,
  readings,
}: Pick<AlertRuleInput, 'leastUsd' | 'price' | 'funding' | 'readings'>): boolean {
  return leastUsd > 0 || price !== null || funding !== null || readings !== null;
}

/** Whether a change that is large enough may fire: an unknown value meets no condition. */
export function meetsConditions(rule: AlertRuleInput, reading: Reading): boolean {
  const { changeUsd, fundingRate, volume24h } = reading;
  if (rule.leastUsd > 0 && (changeUsd === null || Math.abs(changeUsd) < rule.leastUsd)) return false;
  if (!meetsVolume(rule, volume24h)) return false;
  if (rule.funding !== null) {
    if (fundingRate === null) return false;
    if (rule.funding.min !== null && fundingRate < rule.funding.min) return false;
    if (rule.funding.max !== null && fundingRate > rule.funding.max) return false;
  }
  if (rule.price !== null && !meetsPrice(rule.price, reading.priceChangePct)) return false;
  if (rule.leastUnusual !== null) {
    const unusual = unusualIn(reading);
    if (unusual === null || Math.abs(unusual) < rule.leastUnusual) return false;
  }
  if (rule.readings === null) return true;
  const suggested = readingOf(reading);
  return suggested !== null && rule.readings.includes(suggested);
}

export function meetsVolume({ leastVolume24h }: AlertRuleInput, volume24h: number | null): boolean {
  return leastVolume24h === null || (volume24h !== null && volume24h >= leastVolume24h);
}

function meetsPrice(condition: NonNullable<AlertRuleInput['price']>, changePct: number | null): boolean {
  if (changePct === null) return false;
  switch (condition.kind) {
    case 'atLeast':
      return changePct >= condition.pct;
    case 'atMost':
      return changePct <= condition.pct;
    case 'flat':
      return Math.abs(changePct) <= condition.withinPct;
  }
}
