import { SECOND_MS } from '../../kit/clock.ts';
import { basisPoints, findBase } from '../board/changes.ts';
import { freshnessOf, modeOfSource, type Freshness } from '../board/freshness.shared.ts';
import { quadrantOfChanges, type Quadrant } from '../board/quadrant.shared.ts';
import { COARSE_BUCKET_MS, type Series, type SeriesPoint } from '../board/series.ts';
import { deadBandsOf, unusualOf } from '../board/usual.shared.ts';
import type { UsualChanges } from '../board/usual.types.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import type { Firing } from '../delivery/firing.types.ts';
import type { BoardRow, Sample, Source } from '../openInterest.types.ts';
import type { AlertRuleInput } from './rules.types.ts';

export type RuleWindow = AlertRuleInput['window'];

/** How one symbol changed over one window, as rules judge it. Percent are percent, unknown is `null`. */
export type Reading = {
  symbol: string;
  source: Source;
  /** Of the sample when it arrived. */
  freshness: Freshness;
  window: RuleWindow;
  current: SeriesPoint;
  base: SeriesPoint;
  changePct: number;
  /** The change of contracts × the mark price of `current`. */
  changeUsd: number | null;
  priceChangePct: number | null;
  fundingRate: number | null;
  volume24h: number | null;
  /** How the symbol usually changed then. */
  usual: UsualChanges | null;
};

/** What a reading is taken from. */
export type RowPast = {
  row: Sample & Pick<BoardRow, 'everySec' | 'volume24h'>;
  series: Pick<Series, 'atOrBefore'>;
  usual: UsualChanges | null;
  /** When the row was published, or its sample was stored; epoch ms. */
  seenAt: number;
  /** Whether a sample of that time may be compared with. */
  isUsable: (ts: number) => boolean;
};

/** `null`: the change over this window is unknown. */
export function readChange(
  { row, series, usual, seenAt, isUsable }: RowPast,
  window: RuleWindow,
): Reading | null {
  const windowMs = WINDOW_MS[window];
  const base = findBase(series, row.ts - windowMs, windowMs, row.everySec);
  if (base === undefined || base.openInterest <= 0 || !isUsable(base.ts)) return null;
  const { volume24h, everySec, source, ts } = row;
  const freshness = freshnessOf((seenAt - ts) / SECOND_MS, everySec, modeOfSource(source));
  return readingBetween(base, row, { window, freshness, volume24h, usual });
}

/** The reading of two samples, with what they do not say. */
export function readingBetween(
  base: SeriesPoint,
  current: Sample,
  { window, freshness, volume24h, usual }: Pick<Reading, 'window' | 'freshness' | 'volume24h' | 'usual'>,
): Reading {
  const change = current.openInterest - base.openInterest;
  return {
    symbol: current.symbol,
    source: current.source,
    freshness,
    window,
    current,
    base,
    changePct: (change / base.openInterest) * 100,
    changeUsd: current.markPrice === null ? null : change * current.markPrice,
    priceChangePct: percentChange(base.markPrice, current.markPrice),
    fundingRate: current.fundingRate,
    volume24h,
    usual,
  };
}

/** What price and open interest together suggest, as the board says it of the same changes; `null` without a price. */
export function readingOf({ base, current, usual, window }: Reading): Quadrant | null {
  const oi = basisPoints(base.openInterest, current.openInterest);
  const price = basisPoints(base.markPrice, current.markPrice);
  if (oi === null || price === null) return null;
  return quadrantOfChanges({ oi, price, bands: deadBandsOf(usual, WINDOW_MS[window]) });
}

/** How unusual the change is for the symbol, in usual deviations; `null`: too little history. */
export function unusualIn({ base, current, usual, window }: Reading): number | null {
  return unusualOf(usual, basisPoints(base.openInterest, current.openInterest), window);
}

/** The times of a series, as it answers them or packed. */
export type PastTimes = { timesAfter(from: number): ArrayLike<number> };

/** What a firing stores of its reading. */
export function evidenceOf(reading: Reading, series: PastTimes, everySec: number): Firing['evidence'] {
  return {
    changePct: reading.changePct,
    changeUsd: reading.changeUsd,
    base: pointOf(reading.base),
    current: pointOf(reading.current),
    coverage: coverageOf(series, reading.base.ts, reading.current.ts, everySec),
    priceChangePct: reading.priceChangePct,
    fundingRate: reading.fundingRate,
    reading: readingOf(reading),
    unusual: unusualIn(reading),
  };
}

/** The share of [from, to] that is nearer than two intervals to the sample before it. */
function coverageOf(series: PastTimes, from: number, to: number, everySec: number): number {
  // Behind the last hour two minutes are kept as one sample.
  const allowedMs = Math.max(2 * everySec * SECOND_MS, COARSE_BUCKET_MS);
  let coveredMs = 0;
  let before = from;
  const times = series.timesAfter(from);
  for (let i = 0; i < times.length; i += 1) {
    const ts = times[i]!;
    if (ts > to) break;
    coveredMs += Math.min(ts - before, allowedMs);
    before = ts;
  }
  return to > from ? coveredMs / (to - from) : 1;
}

function pointOf({ ts, openInterest, openInterestUsd }: SeriesPoint): Firing['evidence']['base'] {
  return { ts, openInterest, openInterestUsd };
}

function percentChange(base: number | null, now: number | null): number | null {
  return base === null || now === null || base <= 0 ? null : ((now - base) / base) * 100;
}
