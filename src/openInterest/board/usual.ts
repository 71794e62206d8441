import { HOUR_MS } from '../../kit/clock.ts';
import type { UsualChanges } from './usual.types.ts';

/** A symbol at a whole hour, epoch ms. */
export type HourMark = { at: number; openInterest: number; markPrice: number | null };

/** Fewer changes say nothing about what is usual. */
const FEWEST_CHANGES = 20;

/** From marks in order of time, an hour apart where none is missing. `null`: too few are known. */
export function computeUsual(marks: readonly HourMark[]): UsualChanges | null {
  const oi = hourlyChanges(marks, (it) => it.openInterest);
  if (oi.length < FEWEST_CHANGES) return null;
  const price = hourlyChanges(marks, (it) => it.markPrice);
  const median = medianOf(oi);
  return [
    roundToTenth(median),
    roundToTenth(distanceOf(oi, median)),
    price.length < FEWEST_CHANGES ? null : roundToTenth(distanceOf(price, medianOf(price))),
  ];
}

/** Basis points from each mark to the one an hour later. */
function hourlyChanges(marks: readonly HourMark[], pick: (mark: HourMark) => number | null): number[] {
  const changes: number[] = [];
  for (const [i, mark] of marks.entries()) {
    const before = marks[i - 1];
    const [base, now] = [before ? pick(before) : null, pick(mark)];
    if (before?.at !== mark.at - HOUR_MS || base === null || base <= 0 || now === null) continue;
    changes.push(((now - base) / base) * 10_000);
  }
  return changes;
}

function distanceOf(values: readonly number[], median: number): number {
  return medianOf(values.map((it) => Math.abs(it - median)));
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}
