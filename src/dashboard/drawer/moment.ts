import type { Range } from '../board/view.ts';
import { formatClock, type ClockZone } from '../format.ts';

/** `11-20 14:03:22` */
export function formatMoment(at: number, zone: ClockZone): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day =
    zone === 'utc' ? date.toISOString().slice(5, 10) : `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${formatClock(at, zone)}`;
}

/** Within a day the clock says enough. */
export function formatInRange(at: number, range: Range, zone: ClockZone): string {
  return range === '7d' ? formatMoment(at, zone) : formatClock(at, zone);
}
