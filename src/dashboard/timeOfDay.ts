/** How moments are written on the pages. A time that no calendar has is written as unknown: it must not break a page. */

import { UNKNOWN } from '../kit/format.shared.ts';
import type { Range } from './board/view.ts';

const MINUS = '\u2212';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export type ClockZone = 'local' | 'utc';

/** `2026-11-20T14:03:22.000Z` */
export function formatIso(at: number): string {
  return isoIn(at, 'utc') ?? UNKNOWN;
}

/** `14:03:22` */
export function formatClock(at: number, zone: ClockZone): string {
  return isoIn(at, zone)?.slice(-13, -5) ?? UNKNOWN;
}

/** `14:03` */
export function formatMinute(at: number, zone: ClockZone): string {
  return isoIn(at, zone)?.slice(-13, -8) ?? UNKNOWN;
}

/** `11-20 14:03:22` */
export function formatMoment(at: number, zone: ClockZone): string {
  return isoIn(at, zone)?.slice(-19, -5).replace('T', ' ') ?? UNKNOWN;
}

/** `14:03:22` on the day of `now`, else `11-20 14:03:22` */
export function formatRecent(at: number, now: number, zone: ClockZone): string {
  return formatDay(at, zone) === formatDay(now, zone) ? formatClock(at, zone) : formatMoment(at, zone);
}

/** Within a day the clock says enough; a year has a day twice. */
export function formatInRange(at: number, range: Range, zone: ClockZone): string {
  if (range === '1y' || range === 'all') return isoIn(at, zone)?.slice(0, -8).replace('T', ' ') ?? UNKNOWN;
  return range === '7d' || range === '30d' ? formatMoment(at, zone) : formatClock(at, zone);
}

/** `Nov 2` */
export function formatDay(at: number, zone: ClockZone): string {
  const iso = isoIn(at, zone);
  return iso === null ? UNKNOWN : `${monthOf(iso)} ${Number(iso.slice(-16, -14))}`;
}

/** `14:03` within a day, `Nov 02` before, `Nov 02, 2025` before a year. */
export function formatSince(at: number, now: number, zone: ClockZone): string {
  if (now - at < DAY_MS) return formatMinute(at, zone);
  const iso = isoIn(at, zone);
  if (iso === null) return UNKNOWN;
  const short = `${monthOf(iso)} ${iso.slice(-16, -14)}`;
  return now - at < 330 * DAY_MS ? short : `${short}, ${iso.slice(0, -20)}`;
}

/** `UTC+1`, `UTC−3:30`, `UTC` */
export function formatZone(offsetMin: number): string {
  if (offsetMin === 0) return 'UTC';
  const abs = Math.abs(offsetMin);
  const minutes = abs % 60 === 0 ? '' : `:${String(abs % 60).padStart(2, '0')}`;
  return `UTC${offsetMin > 0 ? '+' : MINUS}${Math.floor(abs / 60)}${minutes}`;
}

/** What the calendar and the clock of the zone show, in the form of ISO; `null` for what is no time. */
function isoIn(at: number, zone: ClockZone): string | null {
  const offsetMin = zone === 'utc' ? 0 : new Date(at).getTimezoneOffset();
  const date = new Date(at - offsetMin * 60_000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function monthOf(iso: string): string {
  return MONTHS[Number(iso.slice(-19, -17)) - 1]!;
}
