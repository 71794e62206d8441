import { formatMinute, type ClockZone } from '../format.ts';

/** The colours of the page, as a canvas needs them. */
export function chartColours(element: Element) {
  const style = getComputedStyle(element);
  const read = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  return {
    background: read('--panel', '#121922'),
    text: read('--muted', '#9AA7B4'),
    grid: read('--line', '#243040'),
    oi: read('--up', '#58B4FF'),
    price: read('--text', '#E6EDF3'),
    alert: read('--oi-alert', '#B79CFF'),
    font: style.fontFamily,
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Ticks of the time axis: days by their date, the rest by the clock. `kind` is the library's: 0 year, 1 month, 2 day. */
export function formatAxisTime(sec: number, kind: number, zone: ClockZone): string {
  if (kind > 2) return formatMinute(sec * 1_000, zone);
  const date = new Date(sec * 1_000);
  const [day, month] =
    zone === 'utc' ? [date.getUTCDate(), date.getUTCMonth()] : [date.getDate(), date.getMonth()];
  return `${MONTHS[month]} ${day}`;
}
