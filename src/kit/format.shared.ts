/** How ages, counts and foreign text are written wherever a person reads them. */

/** `2s`, `59s`, `1m 05s`, `12m`, `1h 03m`, `2d`. */
export function formatAge(ageMs: number): string {
  const sec = Math.max(0, Math.floor(ageMs / 1_000));
  if (sec < 60) return `${sec}s`;
  const min = Math.floor(sec / 60);
  if (min < 10) return `${min}m ${String(sec % 60).padStart(2, '0')}s`;
  if (min < 60) return `${min}m`;
  const hours = Math.floor(min / 60);
  if (hours < 48) return `${hours}h ${String(min % 60).padStart(2, '0')}m`;
  return `${Math.floor(hours / 24)}d`;
}

/** `13:20:10Z` on the day of `now`, else `2026-11-27 13:20:10Z`: UTC, so that every reader means the same moment. */
export function formatMoment(at: number, now: number): string {
  const [day = '', time = ''] = new Date(at).toISOString().slice(0, 19).split('T');
  return new Date(now).toISOString().startsWith(day) ? `${time}Z` : `${day} ${time}Z`;
}

/** `1,284` */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Text from outside as part of a line: what would end the line or steer a terminal becomes a blank, too much is cut. */
export function formatLine(text: string, maxCharacters: number): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters - 1).toWellFormed()}…`;
}
