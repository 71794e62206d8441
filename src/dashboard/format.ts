/**
 * How numbers are written on the dashboard. `en-US` digits whatever the browser's language is: a decimal comma beside
 * `$8.45B` costs trust. Own functions, so that the page, the CSV and the tests agree. Unknown is a dash, never a zero.
 */

export const UNKNOWN = '—';
/** A true minus is as wide as a digit, a hyphen is not. */
const MINUS = '\u2212';

const UNITS = ['', 'K', 'M', 'B', 'T'] as const;

/** `$8.45B`, `$950.00`, `$0.00` only if it is zero. */
export function formatUsd(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return `${value < 0 ? MINUS : ''}$${compact(Math.abs(value))}`;
}

/** `90.76K`: contracts, without a unit. */
export function formatContracts(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return `${value < 0 ? MINUS : ''}${compact(Math.abs(value))}`;
}

/** `90,761.482`: as many digits as there are, up to three where the whole part has four or more. */
export function formatExact(value: number): string {
  const [whole = '0', fraction] = plainDecimal(Math.abs(value), Math.abs(value) >= 1_000 ? 3 : 8).split('.');
  const digits = fraction?.replace(/0+$/, '');
  return `${value < 0 ? MINUS : ''}${group(whole)}${digits ? `.${digits}` : ''}`;
}

/** `$93,041.35`, `$142.20`, `$0.3042`, `$0.00001234`. */
export function formatPrice(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const abs = Math.abs(value);
  const [whole = '0', fraction] = priceDigits(abs).split('.');
  return `${value < 0 ? MINUS : ''}$${group(whole)}${fraction ? `.${fraction}` : ''}`;
}

/** From basis points: `+4.21%`, `−3.18%`, `+124.5%`, `>+999%`, and `0.00%` for what rounds to nothing. */
export function formatChange(basisPoints: number | null | undefined): string {
  if (basisPoints === null || basisPoints === undefined || !Number.isFinite(basisPoints)) return UNKNOWN;
  const abs = Math.abs(basisPoints) / 100;
  if (abs < 0.005) return '0.00%';
  const sign = basisPoints > 0 ? '+' : MINUS;
  if (abs >= 1_000) return `>${sign}999%`;
  return `${sign}${abs >= 99.995 ? abs.toFixed(1) : abs.toFixed(2)}%`;
}

/** From a fraction, as alerts carry it. */
export function formatFraction(fraction: number | null | undefined): string {
  return formatChange(fraction === null || fraction === undefined ? fraction : fraction * 10_000);
}

/** From a fraction per funding interval: `+0.0100%`. */
export function formatFunding(rate: number | null | undefined): string {
  if (rate === null || rate === undefined || !Number.isFinite(rate)) return UNKNOWN;
  const abs = Math.abs(rate * 100).toFixed(4);
  if (Number(abs) === 0) return '0.0000%';
  return `${rate > 0 ? '+' : MINUS}${abs}%`;
}

/**
 * What a rate comes to in a year. Rates are per interval, and the interval, mostly 8h or 4h, is not among what is posted:
 * so it is said for both.
 */
export function describeFunding(rate: number): string {
  const aYear = (hours: number): string =>
    `${formatFraction((rate * 365 * 24) / hours)} a year if that is ${hours}h`;
  return `Per funding interval, which is not reported: ${aYear(8)}, ${aYear(4)}`;
}

/** Open interest over volume: `0.35`, `12.34`, `240`. */
export function formatRatio(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return value >= 99.995 ? group(value.toFixed(0)) : value.toFixed(2);
}

/** In cells: `2s`, `59s`, `1m`, `59m`, `3h`, `2d`. */
export function formatCellAge(ageMs: number): string {
  const sec = Math.max(0, Math.floor(ageMs / 1_000));
  if (sec < 60) return `${sec}s`;
  if (sec < 3_600) return `${Math.floor(sec / 60)}m`;
  return sec < 48 * 3_600 ? `${Math.floor(sec / 3_600)}h` : `${Math.floor(sec / 86_400)}d`;
}

export type ClockZone = 'local' | 'utc';

/** `14:03:22` */
export function formatClock(at: number, zone: ClockZone): string {
  const date = new Date(at);
  if (zone === 'utc') return date.toISOString().slice(11, 19);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}

/** `14:03` */
export function formatMinute(at: number, zone: ClockZone): string {
  return formatClock(at, zone).slice(0, 5);
}

/** `UTC+1`, `UTC−3:30`, `UTC` */
export function formatZone(offsetMin: number): string {
  if (offsetMin === 0) return 'UTC';
  const abs = Math.abs(offsetMin);
  const minutes = abs % 60 === 0 ? '' : `:${two(abs % 60)}`;
  return `UTC${offsetMin > 0 ? '+' : MINUS}${Math.floor(abs / 60)}${minutes}`;
}

/** Always two decimals; the unit is chosen after rounding, so that 999,999 is `1.00M` and not `1000.00K`. */
function compact(abs: number): string {
  let unit = 0;
  let value = abs;
  while (unit < UNITS.length - 1 && Number(value.toFixed(2)) >= 1_000) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === UNITS.length - 1 ? group(value.toFixed(2)) : value.toFixed(2)}${UNITS[unit]}`;
}

/** As many decimals as its size asks for, zeros too: a column of ticking prices must not jump. */
function priceDigits(abs: number): string {
  if (abs === 0 || abs >= 99.9995) return abs.toFixed(2);
  if (abs >= 1) return abs.toFixed(abs >= 10 ? 3 : 4);
  const leadingZeros = Math.max(0, -Math.floor(Math.log10(abs)) - 1);
  return abs.toFixed(Math.min(8, leadingZeros + 4));
}

/** Without an exponent, however small or large. */
function plainDecimal(value: number, decimals: number): string {
  return value >= 1e21 ? BigInt(Math.round(value)).toString() : value.toFixed(decimals);
}

function group(whole: string): string {
  const [digits = '', fraction] = whole.split('.');
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
