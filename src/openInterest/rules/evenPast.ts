import { COARSE_BUCKET_MS, FINE_MS, MAX_FINE_POINTS } from '../board/series.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { RuleState } from './evaluateRule.ts';
import { BACKFILL, firstFrom, type Points } from './points.ts';
import type { AlertRuleInput } from './rules.types.ts';

/**
 * Most samples of most symbols are even: of one live source, stored within 45 s in the order of their times, without a gap
 * of more than 45 s or a jump that may be a change of method. Of these a reading follows from times and contracts alone, so
 * what a rule makes of them is found without a board's series, and exactly.
 */

/** A sample of this age is live at any pace, and a base as much before its window is one. */
const LONGEST_MS = 45 * SECOND_MS;
/** Neighbours nearer than this are never taken for a change of unit, nor for a glitch that the next sample takes back. */
const LARGEST_STEP = 1.2;
/** So many even samples precede the first one that is read that its pace is below a minute, whatever the pace before was. */
const LEAD_MS = 15 * MINUTE_MS;
/** More than the two-minute bucket of a base and that before it. */
const BEFORE_BASE_MS = 6 * MINUTE_MS;

type Rule = Pick<AlertRuleInput, 'window' | 'direction' | 'thresholdPct' | 'rearmShare' | 'escalationPct'>;

/** Whether the samples of `hour` and all samples that they are compared with are even. */
export function isEvenHour(rule: Rule, points: Points, hour: number): boolean {
  const windowMs = WINDOW_MS[rule.window];
  if (windowMs <= HOUR_MS) return isEvenWindow(rule, points, hour);
  const firstBase = hour - windowMs;
  return (
    areEven(points, hour - LEAD_MS, hour + HOUR_MS) &&
    areEven(points, firstBase - BEFORE_BASE_MS, firstBase + HOUR_MS) &&
    points.ts[firstFrom(points.ts, firstBase + HOUR_MS) - 1]! >= firstBase + HOUR_MS - LONGEST_MS
  );
}

/** Whether all samples are even that the coverage of a window that ends within `hour` is computed from. */
export function isEvenWindow({ window }: Rule, points: Points, hour: number): boolean {
  return areEven(points, hour - WINDOW_MS[window] - LEAD_MS, hour + HOUR_MS);
}

function areEven({ ts, evenFrom }: Points, from: number, to: number): boolean {
  const first = firstFrom(ts, from);
  const last = firstFrom(ts, to) - 1;
  return first <= last && ts[first]! <= from + LONGEST_MS && evenFrom[last]! <= ts[first]!;
}

/** Notes of the samples from index `first` on since when samples are even up to them. */
export function markEven(points: Points, first: number): void {
  const { ts, createdAt, openInterest, sources, evenFrom } = points;
  for (let i = first; i < ts.length; i += 1) {
    const isEven = createdAt[i]! - ts[i]! <= LONGEST_MS && openInterest[i]! > 0 && sources[i] !== BACKFILL;
    const before = i > 0 && isEven && followsEvenly(points, i) ? evenFrom[i - 1]! : Infinity;
    evenFrom[i] = isEven ? Math.min(before, ts[i]!) : Infinity;
  }
}

function followsEvenly({ ts, createdAt, openInterest, sources }: Points, i: number): boolean {
  const gap = ts[i]! - ts[i - 1]!;
  const step = openInterest[i]! / openInterest[i - 1]!;
  if (gap <= 0 || gap > LONGEST_MS || createdAt[i]! < createdAt[i - 1]!) return false;
  if (step > LARGEST_STEP || step < 1 / LARGEST_STEP || sources[i] !== sources[i - 1]) return false;
  // So many that a series thins them out before they are an hour old.
  return i < MAX_FINE_POINTS || ts[i]! - ts[i - MAX_FINE_POINTS]! > FINE_MS;
}

/** The last day of a symbol as a series has it when `now` is its newest sample; of even samples. Indices of `points`. */
export function createEvenPast({ ts }: Points) {
  /** The newest of the last samples of two minutes, as a series keeps them. */
  function coarseUpTo(last: number): number {
    const bucket = bucketOf(ts[last]!);
    if (bucketOf(ts[last + 1]!) !== bucket) return last;
    let i = last;
    while (i >= 0 && bucketOf(ts[i]!) === bucket) i -= 1;
    return i;
  }

  return {
    /** The base of a window that begins at `start`; `from`: an index at or before it. -1: there is none. */
    baseOf(now: number, start: number, from = Math.max(0, firstFrom(ts, start) - 1)): number {
      let last = from;
      while (last < now && ts[last + 1]! <= start) last += 1;
      if (ts[last]! > start) return -1;
      return start < ts[now]! - FINE_MS ? coarseUpTo(last) : last;
    },
    /** The times after `from`, oldest first. */
    timesAfter(now: number, from: number): { ts: number }[] {
      const fineFrom = firstFrom(ts, ts[now]! - FINE_MS);
      const times: { ts: number }[] = [];
      for (let i = firstFrom(ts, from + 1); i <= now; i += 1) {
        const isLastOfBucket = i + 1 === fineFrom || bucketOf(ts[i]!) !== bucketOf(ts[i + 1]!);
        if (i >= fineFrom || isLastOfBucket) times.push({ ts: ts[i]! });
      }
      return times;
    },
  };
}

function bucketOf(ts: number): number {
  return Math.floor(ts / COARSE_BUCKET_MS);
}

/**
 * The first sample from index `first` on and before `end` that may change `state`: it crosses the threshold, or the rule is
 * armed again. -1: none.
 */
export function findTurn(
  rule: Rule,
  state: RuleState,
  points: Points,
  { first, end }: { first: number; end: number },
): number {
  const { ts, openInterest } = points;
  const past = createEvenPast(points);
  const windowMs = WINDOW_MS[rule.window];
  const { above, below, moreThan, lessThan } = boundsOf(rule, state);
  let before = firstFrom(ts, ts[first]! - windowMs - BEFORE_BASE_MS);
  for (let i = first; i < end; i += 1) {
    const base = past.baseOf(i, ts[i]! - windowMs, before);
    if (base === -1) continue;
    // Coarse bases may lie before the next one's.
    before = Math.max(before, base);
    const value = openInterest[base]!;
    const changePct = ((openInterest[i]! - value) / value) * 100;
    if (changePct >= above || changePct <= below) return i;
    if (changePct > moreThan && changePct < lessThan) return i;
  }
  return -1;
}

/** A reading may change what a rule remembers if its change, percent, is at least `above`, at most `below`, or within the others. */
type TurnBounds = { above: number; below: number; moreThan: number; lessThan: number };

/** Of a reading beyond these `evaluateRule` changes nothing. */
function boundsOf(rule: Rule, state: RuleState): TurnBounds {
  const { thresholdPct, direction, escalationPct } = rule;
  const rearmPct = thresholdPct * rule.rearmShare;
  if (!state.armed) {
    const peak = state.peakPct ?? 0;
    const nextPct = escalationPct === null ? Infinity : Math.abs(peak) * (1 + escalationPct / 100);
    return peak < 0
      ? { above: Infinity, below: -nextPct, moreThan: -rearmPct, lessThan: Infinity }
      : { above: nextPct, below: -Infinity, moreThan: -Infinity, lessThan: rearmPct };
  }
  const least = state.heldBack ? rearmPct : -Infinity;
  return {
    above: direction === 'down' ? Infinity : thresholdPct,
    below: direction === 'up' ? -Infinity : -thresholdPct,
    moreThan: direction === 'up' ? -Infinity : -least,
    lessThan: direction === 'down' ? Infinity : least,
  };
}
