import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { HALF_HOUR_MS } from './halfHours.ts';
import { COARSE_BUCKET_MS, type Series, type SeriesPoint } from './series.ts';
import type { BoardChanges } from '../openInterest.types.ts';
import { WINDOWS, WINDOW_MS, placeChanges } from './windows.shared.ts';

/** The half hours of a day. */
const SPARK_BUCKETS = 48;

/** A larger change is one of rounding: its base was next to nothing. */
const LARGEST_CHANGE = 1e12;

/** How much earlier than the window's start a base may be: a late poll does not make a change unknown. */
const BASE_TOLERANCE_MS = 45 * SECOND_MS;
/** Five-minute points are five minutes apart, and their poller may be late too. */
const FIVE_MINUTE_TOLERANCE_MS = 390 * SECOND_MS;

/**
 * The change of contracts, USD and price from each window's start to `now`, in whole basis points.
 *
 * The base is the newest sample at or before the window's start, at most two polls (or 45 s) earlier; where the series
 * holds only five-minute points, at most one of those. Without such a base the change is unknown. All three are measured
 * against the same base, so that they can be compared.
 */
export function computeChanges(series: Series, now: SeriesPoint, everySec: number): BoardChanges {
  const bases = WINDOWS.map((window) => {
    const windowMs = WINDOW_MS[window];
    return findBase(series, now.ts - windowMs, windowMs, everySec);
  });
  return placeChanges({
    d: bases.map((base) => basisPoints(base?.openInterest, now.openInterest)),
    dUsd: bases.map((base) => basisPoints(base?.openInterestUsd, now.openInterestUsd)),
    p: bases.map((base) => basisPoints(base?.markPrice, now.markPrice)),
  });
}

/** The base of a change over `windowMs` that starts at `start`, epoch ms. `undefined`: the change is unknown. */
export function findBase(
  series: Pick<Series, 'atOrBefore'>,
  start: number,
  windowMs: number,
  everySec: number,
): SeriesPoint | undefined {
  const base = series.atOrBefore(start);
  if (base === undefined) return undefined;
  const earlyMs = start - base.ts;
  const usual = Math.max(BASE_TOLERANCE_MS, 2 * everySec * SECOND_MS);
  if (earlyMs <= usual) return base;
  // Behind the fine part of the series two minutes are kept as one, and a day ago five-minute points may be all there is.
  if (windowMs > HOUR_MS && earlyMs <= Math.max(usual, COARSE_BUCKET_MS)) return base;
  return earlyMs <= FIVE_MINUTE_TOLERANCE_MS && isSparse(series, base) ? base : undefined;
}

/** Whether the point before and the point after are about five minutes away: then this is the pace there, not a hole. */
function isSparse(series: Pick<Series, 'atOrBefore'>, point: SeriesPoint): boolean {
  const before = series.atOrBefore(point.ts - 1);
  return (
    before !== undefined && point.ts - before.ts >= 4 * MINUTE_MS && point.ts - before.ts <= 6 * MINUTE_MS
  );
}

/** In whole basis points of `base`; `null`: unknown. */
export function basisPoints(base: number | null | undefined, now: number | null): number | null {
  if (base === null || base === undefined || now === null || base === 0) return null;
  const change = Math.round(((now - base) / base) * 10_000);
  // Rounding gives -0 for a small loss.
  return Math.abs(change) <= LARGEST_CHANGE ? change + 0 : null;
}

/**
 * The last 24 hours of contracts as 48 bytes, base64: the last value of each half hour between the lowest (1) and the
 * highest (255) of them; 0 where there was no sample. `null` with fewer than two values.
 */
export function computeSpark(series: Series, now: number): string | null {
  const lastBucket = Math.floor(now / HALF_HOUR_MS);
  const firstBucket = lastBucket - SPARK_BUCKETS + 1;
  const values = Array.from({ length: SPARK_BUCKETS }, (_, i) => series.lastOfHalfHour(firstBucket + i));
  const known = values.filter((value) => value !== undefined);
  if (known.length < 2) return null;
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const bytes = values.map((value) => {
    if (value === undefined) return 0;
    return span === 0 ? 128 : 1 + Math.round(((value - low) / span) * 254);
  });
  return Buffer.from(bytes).toString('base64');
}
