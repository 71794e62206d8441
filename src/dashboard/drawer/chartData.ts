import { formatAge } from '../../kit/format.shared.ts';
import type { ChangeUnit } from '../board/view.ts';
import type { HeldRow } from '../sync/sync.types.ts';
import type { History } from './history.ts';

/** A point of a line, or the place where it breaks. Seconds. */
export type Point = { readonly time: number; readonly value?: number };

export type ChartData = {
  readonly openInterest: readonly Point[];
  /** Stretches of five-minute points, which are drawn in another way. */
  readonly snapshots: readonly Point[];
  readonly price: readonly Point[];
};

/** What a chart draws: a gap is a break, never a bridge, and what has no price breaks the USD line. */
export function computeChartData(history: History, unit: ChangeUnit): ChartData {
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

function isRealtimeAt({ source }: History, time: number): boolean {
  const run = source.find(([, from, to]) => from <= time && time < to);
  return run === undefined || run[0] === 'realtime';
}

function points(history: History, values: readonly (number | null)[]): Point[] {
  const out: Point[] = [];
  let gap = 0;
  history.t.forEach((time, i) => {
    while (gap < history.gaps.length && history.gaps[gap]![1] <= time + history.bucketSec) {
      const last = out.at(-1)?.time ?? -Infinity;
      const at = Math.max(history.gaps[gap]![0] + 1, last + 1);
      // A break needs a place of its own between two points.
      if (at > last && at < time) out.push({ time: at });
      gap += 1;
    }
    const value = values[i];
    out.push(value === null || value === undefined ? { time } : { time, value });
  });
  return out;
}

/** The newest sample as a point of the running bucket; `null` when it is older than what is drawn. */
export function livePoint(
  history: History,
  row: HeldRow,
  unit: ChangeUnit,
): { oi: Point; price: Point } | null {
  const time = Math.floor(row.ts / 1_000 / history.bucketSec) * history.bucketSec;
  if (time < (history.t.at(-1) ?? 0)) return null;
  const value = unit === 'usd' ? row.openInterestUsd : row.openInterest;
  return {
    oi: value === null ? { time } : { time, value },
    price: row.markPrice === null ? { time } : { time, value: row.markPrice },
  };
}

export type Summary = {
  readonly low: number | null;
  readonly high: number | null;
  readonly gaps: string;
};

/** `2 gaps (longest 4m 10s)` */
export function summarise(history: History, unit: ChangeUnit): Summary {
  const known = (unit === 'usd' ? history.usd : [...history.oiMin, ...history.oiMax]).filter(
    (it) => it !== null,
  );
  const longestSec = history.gaps.reduce((longest, [from, to]) => Math.max(longest, to - from), 0);
  const count = history.gaps.length;
  return {
    low: known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b)),
    high: known.length === 0 ? null : known.reduce((a, b) => Math.max(a, b)),
    gaps:
      count === 0
        ? 'no gaps'
        : `${count} ${count === 1 ? 'gap' : 'gaps'} (longest ${formatAge(longestSec * 1_000)})`,
  };
}

/** At most `most` of the points, spread evenly, the last one always among them: what the data table shows. */
export function pickRows(history: History, most: number): number[] {
  const count = history.t.length;
  if (count <= most) return history.t.map((_, i) => i);
  const step = (count - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => Math.round(i * step));
}
