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
type HourlyChanges = { at: Float64Array; changes: Float64Array };

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
  return { at: new Float64Array(times), changes: new Float64Array(changes) };
}

/** A copy. */
function changesWithin({ at, changes }: HourlyChanges, from: number, to: number): Float64Array {
  let first = 0;
  while (first < at.length && at[first]! < from) first += 1;
  let end = first;
  while (end < at.length && at[end]! <= to) end += 1;
  return changes.slice(first, end);
}

function distanceOf(values: Float64Array, median: number): number {
  return medianOf(values.map((it) => Math.abs(it - median)));
}

/** Rearranges `values`, at least one. */
function medianOf(values: Float64Array): number {
  const middle = values.length >>> 1;
  const upper = selectNth(values, middle);
  if (values.length % 2 === 1) return upper;
  let lower = -Infinity;
  for (let i = 0; i < middle; i += 1) lower = Math.max(lower, values[i]!);
  return (lower + upper) / 2;
}

/**
 * The value that index `nth` would have in order; none before it is larger afterwards. By Hoare: a replay computes some
 * hundred thousand medians, and sorting takes eight times as long.
 */
function selectNth(values: Float64Array, nth: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >>> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
      if (i > j) break;
      [values[i], values[j]] = [values[j]!, values[i]!];
      i += 1;
      j -= 1;
    }
    if (nth <= j) high = j;
    else if (nth >= i) low = i;
    else break;
  }
  return values[nth]!;
}

function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}
