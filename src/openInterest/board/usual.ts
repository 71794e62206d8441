import { HOUR_MS } from '../../kit/clock.ts';
import type { UsualChanges } from './usual.types.ts';

/** A symbol at a whole hour, epoch ms. */
export type HourMark = { at: number; openInterest: number; markPrice: number | null };

/** Fewer changes say nothing about what is usual. */
const FEWEST_CHANGES = 20;

/** From marks in order of time, an hour apart where none is missing. `null`: too few are known. */
export function computeUsual(marks: readonly HourMark[]): UsualChanges | null {
  return createUsual(marks)(-Infinity, Infinity);
}

/** The same for the marks in [from, to], epoch ms, of any part of the time: each change is computed once. */
export function createUsual(marks: readonly HourMark[]): (from: number, to: number) => UsualChanges | null {
  const contracts = hourlyChanges(marks, (it) => it.openInterest);
  const prices = hourlyChanges(marks, (it) => it.markPrice);
  return (from, to) => {
    const oi = changesWithin(contracts, from + HOUR_MS, to);
    if (oi.length < FEWEST_CHANGES) return null;
    const price = changesWithin(prices, from + HOUR_MS, to);
    const median = medianOf(oi);
    return [
      roundToTenth(median),
      roundToTenth(distanceOf(oi, median)),
      price.length < FEWEST_CHANGES ? null : roundToTenth(distanceOf(price, medianOf(price))),
    ];
  };
}

/** `at`: where the hour of each change ends. */
type HourlyChanges = { at: number[]; changes: Float64Array };

/** Basis points from each mark to the one an hour later. */
function hourlyChanges(marks: readonly HourMark[], pick: (mark: HourMark) => number | null): HourlyChanges {
  const [times, changes]: [number[], number[]] = [[], []];
  for (const [i, mark] of marks.entries()) {
    const before = marks[i - 1];
    const [base, now] = [before ? pick(before) : null, pick(mark)];
    if (before?.at !== mark.at - HOUR_MS || base === null || base <= 0 || now === null) continue;
    times.push(mark.at);
    changes.push(((now - base) / base) * 10_000);
  }
  return { at: times, changes: Float64Array.from(changes) };
}

function changesWithin({ at, changes }: HourlyChanges, from: number, to: number): Float64Array {
  const first = at.findIndex((it) => it >= from);
  return first === -1
    ? changes.subarray(0, 0)
    : changes.subarray(first, at.findLastIndex((it) => it <= to) + 1);
}

function distanceOf(values: Float64Array, median: number): number {
  return medianOf(values.map((it) => Math.abs(it - median)));
}

function medianOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}
