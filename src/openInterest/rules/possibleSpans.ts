import { WINDOW_MS } from '../board/windows.shared.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import { EARLIEST_BASE_MS, listPossibleHours, ROUNDING } from './possibleHours.ts';
import { BACKFILL, firstFrom, type Points } from './points.ts';
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

/** The first of the hours, epoch ms, that lie between `hour` and what its samples are compared with. */
export function firstComparedHour({ window }: Pick<Rule, 'window'>, hour: number): number {
  const before = Math.max(LEAD_MS, WINDOW_MS[window] + EARLIEST_BASE_MS);
  return Math.floor((hour - before) / HOUR_MS) * HOUR_MS;
}

/**
 * The hours that a replay probably needs, epoch ms, oldest first: those of `possible`, those after them in which the rule may
 * not be armed again yet, and what they are compared with. `ranges`: of one symbol, oldest first.
 */
export function listNeededHours(
  rule: Rule & Pick<AlertRuleInput, 'rearmShare'>,
  ranges: readonly HourRange[],
  possible: ReadonlySet<number>,
): number[] {
  const beyond = { ...rule, thresholdPct: rule.thresholdPct * rule.rearmShare };
  const beyondRearm = new Set(listPossibleHours(beyond, ranges));
  const known = new Set(ranges.map((it) => it.hour));
  const hours: number[] = [];
  let [next, isDisarmed] = [0, false];
  for (const { hour } of ranges) {
    if (!isDisarmed && !possible.has(hour)) continue;
    for (next = Math.max(next, firstComparedHour(rule, hour)); next <= hour; next += HOUR_MS) {
      if (known.has(next)) hours.push(next);
    }
    // A change over a shorter window is back within the hour, or the next hour is a possible one.
    isDisarmed = WINDOW_MS[rule.window] > HOUR_MS && beyondRearm.has(hour);
  }
  return hours;
}

/**
 * The parts of `hours` in which a rule may fire: the samples whose contracts, beside those of every sample that may be their
 * base, allow a change of the rule's threshold, each until it was stored. `points`: of one symbol, from
 * `firstComparedHour` on. Oldest first, without overlaps.
 */
export function listPossibleSpans(rule: Rule, points: Points, hours: readonly number[]): Span[] {
  const windowMs = WINDOW_MS[rule.window];
  const least = (rule.thresholdPct / 100) * (1 - ROUNDING);
  const spans: Span[] = [];
  for (const hour of hours) {
    const isEven = areEven(points, hour - LEAD_MS, hour + HOUR_MS);
    const leadMs = isEven ? EVEN_LEAD_MS : LEAD_MS;
    const bounds = createBounds(points, isEven ? EARLIEST_EVEN_BASE_MS : EARLIEST_BASE_MS);
    for (let i = firstFrom(points.ts, hour); i < points.ts.length; i += 1) {
      const ts = points.ts[i]!;
      if (ts >= hour + HOUR_MS) break;
      const now = points.openInterest[i]!;
      const [low, high] = bounds.before(ts - windowMs);
      const rises = rule.direction !== 'down' && now - low >= low * least;
      const falls = rule.direction !== 'up' && high - now >= high * least;
      if (!rises && !falls) continue;
      const to = Math.max(ts, Math.min(points.createdAt[i]!, ts + HOUR_MS)) + 1;
      const last = spans.at(-1);
      if (last && ts <= last.to + NEAR_MS) {
        last.to = Math.max(last.to, to);
        last.leadMs = Math.max(last.leadMs, leadMs);
      } else spans.push({ from: ts, to, leadMs });
    }
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
