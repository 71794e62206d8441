import { COARSE_BUCKET_MS, FINE_MS, MAX_FINE_POINTS } from '../board/series.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { BACKFILL, firstFrom, type Points } from './points.ts';
import type { RuleWindow } from './reading.ts';
import type { TurnBounds } from './turnBounds.ts';

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

/** Samples of an hour with those before it, and those that they are compared with: the same, or an hour of them and its bases. */
export type Compared = { now: Points; bases: Points };

/** Whether the samples of `hour` and all samples that they are compared with are even. */
export function isEvenHour(window: RuleWindow, { now, bases }: Compared, hour: number): boolean {
  const windowMs = WINDOW_MS[window];
  if (windowMs <= HOUR_MS) return isEvenWindow(window, now, hour);
  const firstBase = hour - windowMs;
  return (
    areEven(now, hour - LEAD_MS, hour + HOUR_MS) &&
    areEven(bases, firstBase - BEFORE_BASE_MS, firstBase + HOUR_MS) &&
    bases.ts.at(-1)! >= firstBase + HOUR_MS - LONGEST_MS
  );
}

/** Whether all samples are even that the coverage of a window that ends within `hour` is computed from. */
export function isEvenWindow(window: RuleWindow, points: Points, hour: number): boolean {
  return areEven(points, hour - WINDOW_MS[window] - LEAD_MS, hour + HOUR_MS);
}

function areEven({ ts, evenFrom }: Points, from: number, to: number): boolean {
  const first = firstFrom(ts, from);
  const last = firstFrom(ts, to) - 1;
  return first <= last && ts[first]! <= from + LONGEST_MS && evenFrom[last]! <= ts[first]!;
}

/** Notes of the samples from index `first` on since when samples are even up to them. */
export function markEven({ ts, createdAt, openInterest, sources, evenFrom }: Points, first: number): void {
  // One loop over arrays that it knows: this sees every sample that is decoded.
  for (let i = first; i < ts.length; i += 1) {
    const at = ts[i]!;
    if (createdAt[i]! - at > LONGEST_MS || openInterest[i]! <= 0 || sources[i] === BACKFILL) {
      evenFrom[i] = Infinity;
      continue;
    }
    const gap = i === 0 ? 0 : at - ts[i - 1]!;
    const step = openInterest[i]! / openInterest[i - 1]!;
    const follows =
      gap > 0 &&
      gap <= LONGEST_MS &&
      createdAt[i]! >= createdAt[i - 1]! &&
      step <= LARGEST_STEP &&
      step >= 1 / LARGEST_STEP &&
      sources[i] === sources[i - 1] &&
      // So many that a series thins them out before they are an hour old.
      (i < MAX_FINE_POINTS || at - ts[i - MAX_FINE_POINTS]! > FINE_MS);
    evenFrom[i] = follows ? Math.min(evenFrom[i - 1]!, at) : at;
  }
}

/**
 * The base, as a series has it, of a window that begins at `start` and ends at `now`, epoch ms, of even samples; an index.
 * `from`: one at or before it. -1: there is none.
 */
export function findEvenBase(
  { ts }: Points,
  start: number,
  now: number,
  from = Math.max(0, firstFrom(ts, start) - 1),
): number {
  let last = from;
  while (last + 1 < ts.length && ts[last + 1]! <= start) last += 1;
  if (ts[last]! > start) return -1;
  return start < now - FINE_MS ? coarseUpTo(ts, last) : last;
}

/** The newest of the last samples of two minutes, as a series keeps them. */
function coarseUpTo(ts: Float64Array, last: number): number {
  const bucket = bucketOf(ts[last]!);
  if (last + 1 === ts.length || bucketOf(ts[last + 1]!) !== bucket) return last;
  let i = last;
  while (i >= 0 && bucketOf(ts[i]!) === bucket) i -= 1;
  return i;
}

/** The times after `from` as a series has them at `now`, epoch ms, of even samples; oldest first. */
export function evenTimes({ ts }: Points, from: number, now: number): Float64Array {
  const fineFrom = firstFrom(ts, now - FINE_MS);
  const first = firstFrom(ts, from + 1);
  const times = new Float64Array(Math.max(0, ts.length - first));
  let count = 0;
  for (let i = first; i < ts.length && ts[i]! <= now; i += 1) {
    const isLastOfBucket = i + 1 === fineFrom || bucketOf(ts[i]!) !== bucketOf(ts[i + 1]!);
    if (i < fineFrom && !isLastOfBucket) continue;
    times[count] = ts[i]!;
    count += 1;
  }
  return times.subarray(0, count);
}

function bucketOf(ts: number): number {
  return Math.floor(ts / COARSE_BUCKET_MS);
}

/** What is asked of an even sample before it is judged: indices of the sample and of its base. */
type Test = (now: number, base: number) => boolean;

/**
 * The first even sample from index `first` on and before `end` whose change, percent, may change what a rule remembers: it is
 * within what arms the rule again, or beyond what fires and `mayFire`.
 */
export function findTurn(
  window: RuleWindow,
  { above, below, moreThan, lessThan }: TurnBounds,
  { now, bases }: Compared,
  { first, end, mayFire }: { first: number; end: number; mayFire: Test },
): { at: number; changePct: number } | null {
  const windowMs = WINDOW_MS[window];
  let before = firstFrom(bases.ts, now.ts[first]! - windowMs - BEFORE_BASE_MS);
  for (let i = first; i < end; i += 1) {
    const ts = now.ts[i]!;
    const base = findEvenBase(bases, ts - windowMs, ts, before);
    if (base === -1) continue;
    // Coarse bases may lie before the next one's.
    before = Math.max(before, base);
    const value = bases.openInterest[base]!;
    const changePct = ((now.openInterest[i]! - value) / value) * 100;
    const isBack = changePct > moreThan && changePct < lessThan;
    if (isBack || ((changePct >= above || changePct <= below) && mayFire(i, base)))
      return { at: i, changePct };
  }
  return null;
}
