import { WINDOW_MS } from '../board/windows.shared.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { hourOf } from '../history/blocks.ts';
import { EARLIEST_BASE_MS, ROUNDING } from './hourChanges.ts';
import type { Compared } from './evenPast.ts';
import { BACKFILL, firstFrom, type Points } from './points.ts';
import type { RuleWindow } from './reading.ts';
import type { AlertRuleInput } from './rules.types.ts';

/** Before the window of the first sample that is evaluated, so that it has its base and its pace. */
export const LEAD_MS = 40 * MINUTE_MS;
/** The same where samples are even: enough of them for a pace. */
const EVEN_LEAD_MS = 10 * MINUTE_MS;
/** Even samples have no longer gap, so that their pace is at most this and no base is earlier than a five-minute point may be. */
const LONGEST_EVEN_GAP_MS = 45 * SECOND_MS;
const EARLIEST_EVEN_BASE_MS = 390 * SECOND_MS;
/** A series does not thin them out before they are an hour old. */
const MOST_EVEN_SAMPLES = 1_000;
/** Spans that are nearer are evaluated as one. */
const NEAR_MS = 2 * MINUTE_MS;

/** A part of a symbol's past, epoch ms, `to` itself excluded, and how far before its window samples matter. */
export type Span = { from: number; to: number; leadMs: number };

type Rule = Pick<AlertRuleInput, 'window' | 'direction' | 'thresholdPct'>;

/** Whole hours, epoch ms; `to` itself excluded. */
type Hours = { from: number; to: number };

/** Those between `hour` and what its samples are compared with, itself included. */
export function comparedHours(window: RuleWindow, hour: number): Hours {
  const before = Math.max(LEAD_MS, WINDOW_MS[window] + EARLIEST_BASE_MS);
  return { from: hourOf(hour - before), to: hour + HOUR_MS };
}

/** Those whose samples the changes of `hour` are computed from: with what precedes it, and of longer windows those of their bases. */
export function neededHours(window: RuleWindow, hour: number): { now: Hours; bases: Hours | null } {
  const windowMs = WINDOW_MS[window];
  if (windowMs <= HOUR_MS) return { now: comparedHours(window, hour), bases: null };
  return {
    now: { from: hourOf(hour - LEAD_MS), to: hour + HOUR_MS },
    bases: { from: hourOf(hour - windowMs - EARLIEST_BASE_MS), to: hour + HOUR_MS - windowMs },
  };
}

/**
 * The parts of `hour` in which a rule may fire: the samples whose contracts, beside those of every sample that may be their
 * base, allow a change of the rule's threshold, each until it was stored. Oldest first, without overlaps.
 */
export function listPossibleSpans(rule: Rule, { now, bases }: Compared, hour: number): Span[] {
  const windowMs = WINDOW_MS[rule.window];
  const least = (rule.thresholdPct / 100) * (1 - ROUNDING);
  const spans: Span[] = [];
  const isEven = areEven(now, hour - LEAD_MS, hour + HOUR_MS);
  const leadMs = isEven ? EVEN_LEAD_MS : LEAD_MS;
  const bounds = createBounds(bases, isEven ? EARLIEST_EVEN_BASE_MS : EARLIEST_BASE_MS);
  for (let i = firstFrom(now.ts, hour); i < now.ts.length; i += 1) {
    const ts = now.ts[i]!;
    if (ts >= hour + HOUR_MS) break;
    const value = now.openInterest[i]!;
    const [low, high] = bounds.before(ts - windowMs);
    const rises = rule.direction !== 'down' && value - low >= low * least;
    const falls = rule.direction !== 'up' && high - value >= high * least;
    if (!rises && !falls) continue;
    const to = Math.max(ts, Math.min(now.createdAt[i]!, ts + HOUR_MS)) + 1;
    const last = spans.at(-1);
    if (last && ts <= last.to + NEAR_MS) last.to = Math.max(last.to, to);
    else spans.push({ from: ts, to, leadMs });
  }
  return spans;
}

/**
 * Whether from `from` to `to` samples of one source follow each other without a long gap. Only those count that were newer
 * than every sample stored before them: a pace follows from them alone.
 */
function areEven({ ts, createdAt, sources }: Points, from: number, to: number): boolean {
  const end = firstFrom(ts, to);
  let firstStored = Infinity;
  let after: { ts: number; source: number } | null = null;
  for (let i = end - 1; i >= 0 && end - i <= MOST_EVEN_SAMPLES; i -= 1) {
    if (sources[i] === BACKFILL || createdAt[i]! > firstStored) continue;
    firstStored = createdAt[i]!;
    if (after && (after.ts - ts[i]! > LONGEST_EVEN_GAP_MS || after.source !== sources[i])) return false;
    after = { ts: ts[i]!, source: sources[i]! };
    if (after.ts <= from) return true;
  }
  return false;
}

/** The least and greatest contracts of the samples that may be a base; it is asked for ever later times. */
function createBounds({ ts, openInterest }: Points, earliestMs: number) {
  const [lows, highs]: [number[], number[]] = [[], []];
  let [firstLow, firstHigh, next] = [0, 0, -1];
  return {
    /** Of the samples up to `start` and at most `earliestMs` earlier that are no zeros; NaN without any. */
    before(start: number): [number, number] {
      if (next === -1) next = firstFrom(ts, start - earliestMs);
      for (; next < ts.length && ts[next]! <= start; next += 1) {
        const value = openInterest[next]!;
        if (value <= 0) continue;
        while (lows.length > firstLow && openInterest[lows.at(-1)!]! >= value) lows.pop();
        while (highs.length > firstHigh && openInterest[highs.at(-1)!]! <= value) highs.pop();
        lows.push(next);
        highs.push(next);
      }
      while (firstLow < lows.length && ts[lows[firstLow]!]! < start - earliestMs) firstLow += 1;
      while (firstHigh < highs.length && ts[highs[firstHigh]!]! < start - earliestMs) firstHigh += 1;
      return firstLow === lows.length
        ? [NaN, NaN]
        : [openInterest[lows[firstLow]!]!, openInterest[highs[firstHigh]!]!];
    },
  };
}
