import { UNKNOWN, formatExact } from '../../kit/format.shared.ts';

/** How the numbers of one axis are written: all of them in one unit, with the same decimals. */
export type AxisFormat = { readonly prefix: '$' | ''; readonly scale: number; readonly suffix: string };

const UNITS = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;
/** Below it an exponent is shorter than the zeros. */
const SMALLEST_PLAIN = 1e-4;
const MOST_DECIMALS = 12;
/** The part of a step by which a written number may be off. */
const TOLERANCE = 0.02;

/** The unit that fits the largest of the values. A price has none: `$93,041` is not read as `$93.04K`. */
export function axisFormat(values: readonly number[], of: 'usd' | 'contracts' | 'price'): AxisFormat {
  const largest = values.reduce((most, it) => Math.max(most, Math.abs(it)), 0);
  const prefix = of === 'contracts' ? '' : '$';
  if (largest > 0 && largest < SMALLEST_PLAIN) {
    const exponent = Math.floor(Math.log10(largest));
    return { prefix, scale: 10 ** exponent, suffix: `e${exponent}` };
  }
  const [scale, suffix] = (of !== 'price' && UNITS.find(([unit]) => largest >= unit)) || [1, ''];
  return { prefix, scale, suffix };
}

/** Numbers with enough digits to differ: `$3.0105M`, `$3.0110M`. */
export function formatApart(values: readonly number[], format: AxisFormat): string[] {
  const sorted = values.toSorted((a, b) => a - b);
  const steps = sorted.slice(1).map((it, i) => it - sorted[i]!);
  const smallest = Math.min(...steps.filter((it) => it > 0), Math.abs(sorted.at(-1) ?? 0) || 1);
  return values.map((it) => write(it, decimalsFor(values, smallest, format), format));
}

/** A number to a thousandth of the range shown. */
export function formatInSpan(value: number, span: number, format: AxisFormat): string {
  const step = (span > 0 ? span : Math.abs(value) || 1) / 1_000 / format.scale;
  const decimals = Math.ceil(-Math.log10(step));
  return write(value, Math.max(0, Math.min(decimals, MOST_DECIMALS)), format);
}

/** The exact amount; from a thousand dollars on without cents. */
export function formatExactAmount(value: number | null, unit: 'usd' | 'contracts'): string {
  if (value === null) return UNKNOWN;
  return unit === 'usd' ? `$${formatExact(value >= 1_000 ? Math.round(value) : value)}` : formatExact(value);
}

/** The fewest decimals that keep every value within a small part of the step. */
function decimalsFor(values: readonly number[], step: number, { scale }: AxisFormat): number {
  const allowed = (step / scale) * TOLERANCE;
  const isClose = (decimals: number): boolean =>
    values.every((it) => Math.abs(Number((it / scale).toFixed(decimals)) - it / scale) <= allowed);
  let decimals = 0;
  while (decimals < MOST_DECIMALS && !isClose(decimals)) decimals += 1;
  return decimals;
}

function write(value: number, decimals: number, { prefix, scale, suffix }: AxisFormat): string {
  if (value === 0) return `${prefix}0`;
  const digits = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(Math.abs(value / scale));
  return `${value < 0 ? '−' : ''}${prefix}${digits}${suffix}`;
}
