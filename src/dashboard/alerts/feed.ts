import { formatCountOf, formatPercent } from '../../kit/format.shared.ts';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';

/** `rule`: the name of the viewer's rule that fired; absent: an alert of the collector. */
export type FeedAlert = OpenInterestAlert & { readonly rule?: string };

/** Alerts as the feed holds them: newest first, each id once. */
export type Feed = readonly FeedAlert[];

const LONGEST = 500;

/** Puts alerts where they belong, however they arrive; one that is there is replaced when more is known of what followed. */
export function mergeAlerts(feed: Feed, arrived: Feed): Feed {
  const held = new Map<string, FeedAlert>(feed.map((it) => [it.id, it]));
  const fresh = arrived.filter(
    (it) => it.after.length > (held.get(it.id)?.after.length ?? -1) && held.set(it.id, it),
  );
  if (fresh.length === 0) return feed;
  return [...held.values()].toSorted(newestFirst).slice(0, LONGEST);
}

function newestFirst(a: OpenInterestAlert, b: OpenInterestAlert): number {
  return Date.parse(b.ts) - Date.parse(a.ts) || Number(b.id) - Number(a.id) || (a.id < b.id ? 1 : -1);
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

/** `3 new OI alerts: SUI up 4.21%, AIA down 7.90%, and 1 more`: the announcement for screen readers. */
export function announceAlerts(alerts: readonly OpenInterestAlert[]): string {
  const count = alerts.length;
  const told = alerts.slice(0, 2).map((it) => {
    const size = formatPercent(it.pctChange * 100);
    return `${baseOf(it.symbol)} ${it.direction === 'UP' ? 'up' : 'down'} ${size}`;
  });
  const more = count > 2 ? [`and ${count - 2} more`] : [];
  return `${formatCountOf(count, 'new OI alert')}: ${[...told, ...more].join(', ')}`;
}

export type AlertCounts = { readonly total: number; readonly up: number; readonly down: number };

/** Of the collector alone: rules of the viewer fire for the same moves. */
export function countSince(feed: Feed, since: number): AlertCounts {
  const recent = feed.filter((it) => it.rule === undefined && Date.parse(it.ts) >= since);
  const up = recent.filter((it) => it.direction === 'UP').length;
  return { total: recent.length, up, down: recent.length - up };
}
