/**
 * Formats numbers, ages and external text for people: pages, CSV, doctor, notes of collectors.
 *
 * Digits are `en-US` in every locale. Only zero is formatted as zero, and every text is exact to half a unit of its last
 * digit: a small number has at least two significant digits, a funding rate one, and an exponent (`4.2e-9`) if its zeros
 * or thousands would not fit a cell. Unknown is a dash and never zero.
 */

export const UNKNOWN = '—';
/** The minus sign, which is as wide as a digit. */
const MINUS = '\u2212';

const UNITS = ['', 'K', 'M', 'B', 'T'] as const;
const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB'] as const;
/** Below these an exponent is shorter than the zeros. */
const SMALLEST_PLAIN = 1e-4;
const SMALLEST_PLAIN_PRICE = 1e-6;
const SMALLEST_PLAIN_FUNDING = 1e-5;
/** `toFixed` supports no larger numbers. */
const LARGEST_PLAIN = 1e21;
/** Larger numbers do not fit a cell. */
const LARGEST_COMPACT = 9_999.995e12;

type Unsure = number | null | undefined;

/** `$8.45B`, `$950.00`, `$0.004`; `$0.00` only if it is zero. */
export function formatUsd(value: Unsure): string {
  return isKnown(value) ? signed(value, `$${compact(Math.abs(value))}`) : UNKNOWN;
}

/** `+$12.40M`, `−$950.00`, and `$0.00` for no change. */
export function formatUsdChange(value: Unsure): string {
  return isKnown(value) && value > 0 ? `+${formatUsd(value)}` : formatUsd(value);
}

/** `90.76K`: contracts, without a unit. */
export function formatContracts(value: Unsure): string {
  return isKnown(value) ? signed(value, compact(Math.abs(value))) : UNKNOWN;
}

/** `90,761.482`: up to 15 digits, as the next is an error of arithmetic; three decimals from four whole digits on. */
export function formatExact(value: Unsure): string {
  if (!isKnown(value)) return UNKNOWN;
  const abs = Math.abs(value);
  if (abs !== 0 && abs < 1e-12) return signed(value, scientific(abs, 3));
  if (abs < 1_000) return signed(value, formatPlain(Number(abs.toPrecision(15))));
  return signed(value, group(formatPlain(abs < LARGEST_PLAIN ? Number(abs.toFixed(3)) : abs)));
}

/** `$93,041.35`, `$142.20`, `$0.3042`, `$0.00001234`, `$4.2e-9`. */
export function formatPrice(value: Unsure): string {
  if (!isKnown(value)) return UNKNOWN;
  const abs = Math.abs(value);
  if (abs >= 9_999_999.5) return formatUsd(value);
  return signed(value, `$${decimal(abs, priceDecimals(abs), 4, SMALLEST_PLAIN_PRICE)}`);
}

/** From basis points: `+4.21%`, `−3.18%`, `+0.004%`, `+124.5%`, `>+999%`, and `0.00%` for no change. */
export function formatChange(basisPoints: Unsure): string {
  if (!isKnown(basisPoints)) return UNKNOWN;
  if (basisPoints === 0) return '0.00%';
  const sign = basisPoints > 0 ? '+' : MINUS;
  const size = formatPercent(Math.abs(basisPoints) / 100);
  return size.startsWith('>') ? `>${sign}${size.slice(1)}` : `${sign}${size}`;
}

/** From a fraction, as alerts carry it. */
export function formatFraction(fraction: Unsure): string {
  return formatChange(isKnown(fraction) ? fraction * 10_000 : fraction);
}

/** Without a sign, from percent: `4.21%`, `124.5%`, `>999%`. */
export function formatPercent(percent: number): string {
  const abs = Math.abs(percent);
  return abs >= 1_000 ? '>999%' : `${decimal(abs, abs >= 99.995 ? 1 : 2)}%`;
}

/** A part of a whole, in percent: `44%`, `0.13%`. */
export function formatShare(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  return isKnown(percent) ? `${formatDecimal(percent, 0)}%` : UNKNOWN;
}

/** From a fraction per funding interval: `+0.0100%`, `+10.00%`. */
export function formatFunding(rate: Unsure): string {
  if (!isKnown(rate)) return UNKNOWN;
  const sign = rate === 0 ? '' : rate > 0 ? '+' : MINUS;
  const percent = Math.abs(rate * 100);
  return `${sign}${decimal(percent, percent >= 9.99995 ? 2 : 4, 1, SMALLEST_PLAIN_FUNDING)}%`;
}

/** `Every 8h: +10.95% a year`; per year for both usual intervals (8h and 4h) where the symbol's own is unknown. */
export function describeFunding(rate: number, hours: number | null): string {
  const aYear = (interval: number): string => `${formatFraction((rate * 365 * 24) / interval)} a year`;
  if (hours !== null) return `Every ${hours}h: ${aYear(hours)}`;
  return `Per funding interval, which is not reported: ${aYear(8)} if that is 8h, ${aYear(4)} if that is 4h`;
}

/** Open interest over volume: `0.35`, `12.34`, `240`, `12.40K`. */
export function formatRatio(value: Unsure): string {
  if (!isKnown(value) || Math.abs(value) >= 9_999.5) return formatContracts(value);
  return formatDecimal(value, Math.abs(value) >= 99.995 ? 0 : 2);
}

/** `12.3`, `1,234.5`: at least `decimals` digits, and more where the number would become zero. */
export function formatDecimal(value: number, decimals: number): string {
  return signed(value, decimal(Math.abs(value), decimals));
}

/** One decimal below a hundred: `11.4`, `343`. */
export function formatRate(perSec: number): string {
  return formatDecimal(perSec, perSec < 99.95 ? 1 : 0);
}

/** `999 B`, `12.4 kB`, `2.5 GB`: decimal units; the unit is chosen after rounding. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${formatDecimal(bytes, 0)} B`;
  let unit = 0;
  let value = bytes / 1_000;
  for (; unit < BYTE_UNITS.length - 1 && value >= 999.95; unit += 1) value /= 1_000;
  return `${formatDecimal(value, 1)} ${BYTE_UNITS[unit]}`;
}

/** `1,284`; with an ASCII minus, for terminals. */
export function formatCount(value: number): string {
  return formatDecimal(value, 0).replace(MINUS, '-');
}

/** `1 symbol`, `1,284 symbols` */
export function formatCountOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `0.6s`, `12.4s`, and in minutes beyond one. */
export function formatDelay(ms: number): string {
  return ms < 59_950 ? `${formatDecimal(ms / 1_000, 1)}s` : formatAge(Math.max(ms, 60_000));
}

/** `30s`, `12.5s`, `5m` */
export function formatEvery(sec: number): string {
  if (sec < 59.95) return `${formatDecimal(sec, 1).replace(/\.0$/, '')}s`;
  return formatAge(Math.max(sec, 60) * 1_000).replace(/ 00[sm]$/, '');
}

/** In completed units: `<1s`, `2s`, `59s`, `1m 05s`, `12m`, `1h 03m`, `2d`. From the future: `0s`. */
export function formatAge(ageMs: number): string {
  if (!Number.isFinite(ageMs)) return UNKNOWN;
  if (ageMs < 60_000) return seconds(ageMs);
  const sec = Math.floor(ageMs / 1_000);
  const min = Math.floor(sec / 60);
  if (min < 10) return `${min}m ${String(sec % 60).padStart(2, '0')}s`;
  if (min < 60) return `${min}m`;
  const hours = Math.floor(min / 60);
  if (hours < 48) return `${hours}h ${String(min % 60).padStart(2, '0')}m`;
  return `${formatCount(Math.floor(hours / 24))}d`;
}

/** `13:20:10Z` on the day of `now`, else `2026-11-27 13:20:10Z`: in UTC. */
export function formatMoment(at: number, now: number): string {
  if (Number.isNaN(new Date(at).getTime())) return UNKNOWN;
  const [day = '', time = ''] = new Date(at).toISOString().slice(0, 19).split('T');
  return new Date(now).toISOString().startsWith(day) ? `${time}Z` : `${day} ${time}Z`;
}

/** A shorter form: `<1s`, `59s`, `1m`, `59m`, `3h`, `2d`. */
export function formatCellAge(ageMs: number): string {
  if (!Number.isFinite(ageMs)) return UNKNOWN;
  if (ageMs < 60_000) return seconds(ageMs);
  const min = Math.floor(ageMs / 60_000);
  if (min < 60) return `${min}m`;
  return min < 48 * 60 ? `${Math.floor(min / 60)}h` : `${formatCount(Math.floor(min / 1_440))}d`;
}

/**
 * The exact number without an exponent, which spreadsheets parse differently: `0.0000000042`. `shift` moves the point, to
 * convert a fraction to percent without rounding errors.
 */
export function formatPlain(value: number, shift = 0): string {
  if (value === 0) return '0';
  const [mantissa = '', exponent = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = 1 + Number(exponent) + shift;
  const sign = value < 0 ? '-' : '';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** External text for use in a line: control characters become blanks, and the length is limited. */
export function formatLine(text: string, maxCharacters: number): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters - 1).toWellFormed()}…`;
}

function isKnown(value: Unsure): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

function signed(value: number, text: string): string {
  return value < 0 ? MINUS + text : text;
}

/** Always two decimals; the unit is chosen after rounding, so that 999,999 is `1.00M` and not `1000.00K`. */
function compact(abs: number): string {
  if (abs >= LARGEST_COMPACT) return scientific(abs, 3);
  let unit = 0;
  let value = abs;
  for (; unit < UNITS.length - 1 && Number(value.toFixed(2)) >= 1_000; unit += 1) value /= 1_000;
  return `${decimal(value, 2)}${UNITS[unit]}`;
}

/** A fixed number of decimals for the magnitude, zeros too, so that a column of changing prices does not jump. */
function priceDecimals(abs: number): number {
  if (abs >= 999_999.995) return 0;
  if (abs === 0 || abs >= 99.9995) return 2;
  if (abs >= 1) return abs >= 10 ? 3 : 4;
  return Math.min(8, 3 - exponentOf(abs));
}

/** For numbers >= 0. Decimals beyond the requested ones end with the last significant digit. */
function decimal(abs: number, decimals: number, significant = 2, smallestPlain = SMALLEST_PLAIN): string {
  const isPlain = abs === 0 || (abs >= smallestPlain && abs < LARGEST_PLAIN);
  if (!isPlain) return scientific(abs, abs < 1 ? significant : Math.max(3, significant));
  const needed = abs === 0 ? 0 : significant - 1 - exponentOf(abs);
  if (needed <= decimals) return group(abs.toFixed(decimals));
  const [whole = '', fraction = ''] = abs.toFixed(needed).split('.');
  return `${whole}.${fraction.replace(/0+$/, '').padEnd(decimals, '0')}`.replace(/\.$/, '');
}

/** `4.2e-9`, `1.23e18` */
function scientific(abs: number, significant: number): string {
  return abs
    .toExponential(significant - 1)
    .replace(/\.?0+e/, 'e')
    .replace('+', '');
}

/** The exponent of the leading digit: −9 for 4.2e-9. */
function exponentOf(abs: number): number {
  return Number(abs.toExponential().split('e')[1]);
}

function group(text: string): string {
  return text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));
}

function seconds(ms: number): string {
  return ms > 0 && ms < 1_000 ? '<1s' : `${Math.max(0, Math.floor(ms / 1_000))}s`;
}
