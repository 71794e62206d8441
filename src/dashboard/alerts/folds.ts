import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { quadrantOfChanges, type Quadrant } from '../../openInterest/board/quadrant.shared.ts';
import { deadBandsOf } from '../../openInterest/board/usual.shared.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { DEFAULT_SETTINGS, type Settings } from '../shell/settings.ts';
import { HOUR_MS } from '../timeOfDay.ts';
import type { Feed, FeedAlert } from './feed.ts';

const FOLD_MS = 15 * 60_000;

/** Alerts of one symbol, direction and rule within a quarter of an hour, as one card. */
export type Fold = { readonly latest: FeedAlert; readonly all: Feed };

/** `since`: epoch ms. */
export function foldAlerts(feed: Feed, since: number): Fold[] {
  const folds: { latest: FeedAlert; all: FeedAlert[] }[] = [];
  const open = new Map<string, (typeof folds)[number]>();
  for (const alert of feed) {
    // The newest are first.
    if (Date.parse(alert.ts) < since) break;
    const key = `${alert.symbol} ${alert.direction} ${alert.rule}`;
    const fold = open.get(key);
    const before = fold?.all.at(-1);
    if (fold && before && Date.parse(before.ts) - Date.parse(alert.ts) <= FOLD_MS) {
      fold.all.push(alert);
      continue;
    }
    const fresh = { latest: alert, all: [alert] };
    open.set(key, fresh);
    folds.push(fresh);
  }
  return folds;
}

/** From when on the feed is shown, in steps of ten seconds. */
export function shownSince(lastHour: boolean, now: number): number {
  return lastHour ? Math.floor(now / 10_000) * 10_000 - HOUR_MS : -Infinity;
}

/** The fold `by` places below the one with the alert `id`; the first if none has it; `undefined` past the ends. */
export function stepFold(folds: readonly Fold[], id: string | null, by: 1 | -1): Fold | undefined {
  const at = folds.findIndex(({ all }) => all.some((it) => it.id === id));
  return at === -1 ? folds[0] : folds[at + by];
}

export type AlertFilter = Settings['alertFilter'];

export const NO_ALERT_FILTER: AlertFilter = DEFAULT_SETTINGS.alertFilter;

/** How many conditions the filter has. */
export function countConditions({ favourites, own, direction, timeframe, minUsd }: AlertFilter): number {
  return [favourites, own, direction !== 'any', timeframe !== null, minUsd !== null].filter(Boolean).length;
}

type Prices = ReadonlyMap<string, { readonly markPrice: number | null }>;

/** The alerts that pass. One whose size in USD is unknown passes no least size. */
export function filterAlerts(
  feed: Feed,
  { favourites, own, direction, timeframe, minUsd }: AlertFilter,
  { favourites: stars, rows }: { favourites: ReadonlySet<string>; rows: Prices | null },
): Feed {
  return feed.filter(
    (it) =>
      (!favourites || stars.has(it.symbol)) &&
      (!own || it.rule !== undefined) &&
      (direction === 'any' || it.direction === direction) &&
      (timeframe === null || it.timeframe === timeframe) &&
      (minUsd === null || Math.abs(usdChangeOf(it, rows?.get(it.symbol)?.markPrice ?? null) ?? 0) >= minUsd),
  );
}

/** The change in USD by the mark price now: alerts carry none. */
export function usdChangeOf(
  { baseline, current }: OpenInterestAlert,
  markPrice: number | null,
): number | null {
  return markPrice === null ? null : (current - baseline) * markPrice;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS };

/**
 * What price and open interest together suggest, by the dead bands that the symbol has on the board now; `null` without a price,
 * or where the timeframe cannot be read.
 */
export function readingOf(
  { pctChange, priceChange, timeframe }: OpenInterestAlert,
  usual: HeldRow['usual'] | null,
): Quadrant | null {
  const [, count, unit] = /^(\d+)\s*([mhd])/.exec(timeframe) ?? [];
  if (priceChange === null || count === undefined || unit === undefined) return null;
  const windowMs = Number(count) * UNIT_MS[unit]!;
  const bands = deadBandsOf(usual, windowMs);
  return quadrantOfChanges({ oi: pctChange * 10_000, price: priceChange * 10_000, bands });
}
