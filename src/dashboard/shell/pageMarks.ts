import { countUnread, unreadBadge } from '../alerts/feed.ts';
import type { Dashboard } from '../dashboard.ts';
import { ageLabel, snapshotLabel } from '../live/connection.ts';
import { symbolOfPath } from '../symbolPath.ts';
import { formatMinute } from '../timeOfDay.ts';

const PRODUCT = 'VolSpike Open Interest';

/**
 * Keeps the tab's title and the attributes of the document current: look, connection state and position. The returned
 * function stops it.
 */
export function keepPageMarks(dashboard: Dashboard): () => void {
  const { live, board, alerts, preferences } = dashboard;

  function write(): void {
    const { state } = board.store.getState();
    const seq = live.store.getState().sync.board?.seq;
    const { theme, palette, motion, density } = preferences.store.getState().settings;
    const { dataset } = document.documentElement;
    const marks = { state, seq: seq === undefined ? '' : String(seq), theme, palette, motion, density };
    for (const [name, value] of Object.entries(marks)) if (dataset[name] !== value) dataset[name] = value;
    const title = titleOf(dashboard);
    if (document.title !== title) document.title = title;
  }

  write();
  const stops = [board.store.subscribe(write), alerts.store.subscribe(write)];
  return () => stops.forEach((stop) => stop());
}

/** `(2) BTCUSDT · OI updated 3s ago · VolSpike Open Interest`; the pages of a symbol and of the market
 * have their names alone. */
function titleOf({ live, board, alerts, preferences, view }: Dashboard): string {
  const { pathname } = window.location;
  const onPage = symbolOfPath(pathname) ?? (/^\/market/i.test(pathname) ? 'Market' : null);
  if (onPage !== null) return `${onPage} · ${PRODUCT}`;
  const { mode, newestAgeMs } = board.store.getState();
  const asOf = live.store.getState().sync.board?.asOf ?? null;
  const { zone } = preferences.store.getState().settings;
  const label =
    mode === 'snapshot' && asOf !== null
      ? snapshotLabel(formatMinute(asOf, zone), null)
      : ageLabel(newestAgeMs);
  const { feed, seen } = alerts.store.getState();
  const unread = countUnread(feed, seen);
  const { symbol } = view.store.getState();
  const parts = [...(symbol === null ? [] : [symbol]), label, PRODUCT];
  return `${unread > 0 ? `(${unreadBadge(unread)}) ` : ''}${parts.join(' · ')}`;
}
