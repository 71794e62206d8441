import { formatAge, formatCountOf, UNKNOWN } from '../../kit/format.shared.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/columns.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { axisFormat, formatApart } from './axisFormat.ts';

/** A point of a line; `breaks`: nothing is drawn from here to the next one. Seconds. */
export type Point = { readonly time: number; readonly value: number; readonly breaks?: true };

export type ChartData = {
  readonly openInterest: readonly Point[];
  /** Stretches of five-minute points, which are drawn in another way. */
  readonly snapshots: readonly Point[];
  readonly price: readonly Point[];
};

/** What a chart draws: a gap is a break, never a bridge, and what has no price breaks the USD line. */
export function computeChartData(history: HistoryBody, unit: ChangeUnit): ChartData {
  const values = unit === 'usd' ? history.usd : history.oi;
  const isFine = history.t.map((time) => isRealtimeAt(history, time));
  // The coarse line reaches one point into the fine one, so that they touch.
  const coarse = values.map((value, i) => (isFine[i] && (isFine[i - 1] ?? true) ? null : value));
  const fine = values.map((value, i) => (isFine[i] ? value : null));
  return {
    openInterest: points(history, fine),
    snapshots: isFine.every(Boolean) ? [] : points(history, coarse),
    price: points(history, history.mark),
  };
}

export function computeFunding(history: HistoryBody): Point[] {
  return points(history, history.funding);
}

function isRealtimeAt({ source }: HistoryBody, time: number): boolean {
  const run = source.find(([, from, to]) => from <= time && time < to);
  return run === undefined || run[0] === 'realtime';
}

/** The chart library bridges what is missing, so the last point before a gap has to say that its line ends there. */
function points(history: HistoryBody, values: readonly (number | null)[]): Point[] {
  const breaks = breaksBefore(history);
  const out: Point[] = [];
  let isBroken = false;
  history.t.forEach((time, i) => {
    isBroken ||= breaks[i]!;
    const value = values[i];
    if (value === null || value === undefined) {
      isBroken = true;
      return;
    }
    const before = out.at(-1);
    if (isBroken && before) out[out.length - 1] = { ...before, breaks: true };
    out.push({ time, value });
    isBroken = false;
  });
  return out;
}

/** For each bucket, whether a gap ends between the one before it and its end. */
export function breaksBefore({ t, gaps, bucketSec }: HistoryBody): boolean[] {
  let gap = 0;
  return t.map((time) => {
    const first = gap;
    while (gap < gaps.length && gaps[gap]![1] <= time + bucketSec) gap += 1;
    return gap > first;
  });
}

/**
 * Every moment of the range, whether there is a sample or not. The chart gives each moment that any line has the same
 * room, so without this an hour of five-minute points would be narrower than an hour of ten-second ones.
 */
export function timeGrid({ t, to, bucketSec }: HistoryBody): number[] {
  const first = t[0] ?? to;
  const count = Math.max(0, Math.ceil((to - first) / bucketSec));
  return Array.from({ length: Math.min(count, MOST_POINTS) }, (_, i) => first + i * bucketSec);
}

/** By the rule of the server: three polls, and a minute and a half at least. */
export function isSilence(history: HistoryBody, drawnUntil: number, row: HeldRow): boolean {
  return row.ts / 1_000 - drawnUntil > Math.max(90, 3 * row.everySec) + history.bucketSec;
}

/** As many as the server sends. */
const MOST_POINTS = 2_016;

/** Low and high in one unit, with enough digits to differ, and the gaps: `2 gaps (longest 4m 10s)`. */
export function summarise(history: HistoryBody, unit: ChangeUnit) {
  const known = (unit === 'usd' ? history.usd : [...history.oiMin, ...history.oiMax]).filter(
    (it) => it !== null,
  );
  const longestSec = history.gaps.reduce((longest, [from, to]) => Math.max(longest, to - from), 0);
  const count = history.gaps.length;
  const bounds = known.length === 0 ? [] : [Math.min(...known), Math.max(...known)];
  const [low = UNKNOWN, high = UNKNOWN] = formatApart(bounds, axisFormat(bounds, unit));
  return {
    low,
    high,
    gaps:
      count === 0 ? 'no gaps' : `${formatCountOf(count, 'gap')} (longest ${formatAge(longestSec * 1_000)})`,
  };
}
