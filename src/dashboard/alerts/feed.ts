import { formatPercent } from '../../kit/format.shared.ts';
import { HOUR_MS } from '../timeOfDay.ts';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';

/** Alerts as the feed holds them: newest first, each id once. */
export type Feed = readonly OpenInterestAlert[];

const LONGEST = 500;
const FOLD_MS = 15 * 60_000;

/** Puts alerts where they belong, however they came; what is known already is not doubled. */
export function mergeAlerts(feed: Feed, arrived: readonly OpenInterestAlert[]): Feed {
  const known = new Set(feed.map((it) => it.id));
  const fresh = arrived.filter((it) => !known.has(it.id) && known.add(it.id));
  if (fresh.length === 0) return feed;
  return [...feed, ...fresh].toSorted(newestFirst).slice(0, LONGEST);
}

function newestFirst(a: OpenInterestAlert, b: OpenInterestAlert): number {
  return Date.parse(b.ts) - Date.parse(a.ts) || Number(b.id) - Number(a.id) || (a.id < b.id ? 1 : -1);
}

/** Alerts of one symbol and direction within a quarter of an hour, told as one. */
export type Fold = { readonly latest: OpenInterestAlert; readonly all: readonly OpenInterestAlert[] };

/** `since`: epoch ms. */
export function foldAlerts(feed: Feed, since: number): Fold[] {
  const folds: { latest: OpenInterestAlert; all: OpenInterestAlert[] }[] = [];
  const open = new Map<string, (typeof folds)[number]>();
  for (const alert of feed) {
    // The newest come first.
    if (Date.parse(alert.ts) < since) break;
    const key = `${alert.symbol} ${alert.direction}`;
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

/**
 * What has been seen: everything stored up to a moment, and some ids beyond it. By the time of storing, because an alert
 * that was held up on its way is new although its own time is not.
 */
export type Seen = { readonly until: string };

export function countUnread(feed: Feed, seen: Seen): number {
  return feed.reduce((count, it) => count + (isUnread(it, seen) ? 1 : 0), 0);
}

export function isUnread(alert: OpenInterestAlert, seen: Seen): boolean {
  return alert.createdAt > seen.until;
}

/** Everything in the feed counts as seen from here on. */
export function seeAll(feed: Feed, seen: Seen): Seen {
  const until = feed.reduce((latest, it) => (it.createdAt > latest ? it.createdAt : latest), seen.until);
  return until === seen.until ? seen : { until };
}

/** `9+` above nine. */
export function unreadBadge(count: number): string {
  return count > 9 ? '9+' : String(count);
}

/** `SUI`, for the symbols whose quote is USDT; else the whole name. */
export function baseOf(symbol: string): string {
  return splitSymbol(symbol).base;
}

const QUOTES = ['USDT', 'USDC', 'BUSD', 'USD'];

export function splitSymbol(symbol: string): { base: string; quote: string } {
  const quote = QUOTES.find((it) => symbol.endsWith(it) && symbol.length > it.length) ?? '';
  return { base: symbol.slice(0, symbol.length - quote.length), quote };
}

/** `3 new OI alerts: SUI up 4.21%, AIA down 7.90%, and 1 more`: what a screen reader is told. */
export function announceAlerts(alerts: readonly OpenInterestAlert[]): string {
  const [count, noun] = [alerts.length, alerts.length === 1 ? 'new OI alert' : 'new OI alerts'];
  const told = alerts.slice(0, 2).map((it) => {
    const size = formatPercent(it.pctChange * 100);
    return `${baseOf(it.symbol)} ${it.direction === 'UP' ? 'up' : 'down'} ${size}`;
  });
  const more = count > 2 ? [`and ${count - 2} more`] : [];
  return `${count} ${noun}: ${[...told, ...more].join(', ')}`;
}

export type AlertCounts = { readonly total: number; readonly up: number; readonly down: number };

export function countSince(feed: Feed, since: number): AlertCounts {
  const recent = feed.filter((it) => Date.parse(it.ts) >= since);
  const up = recent.filter((it) => it.direction === 'UP').length;
  return { total: recent.length, up, down: recent.length - up };
}
