/** Powers of ten. */
const AMOUNT_UNITS: Readonly<Record<string, number>> = { '': 0, K: 3, M: 6, B: 9, T: 12 };

/** `50M`, `1.5B`, `$2,000`, `250k`: the number that is meant; `null` for anything else. */
export function readAmount(text: string): number | null {
  const match = /^\$?(\d+\.?\d*|\.\d+)([KMBT]?)$/.exec(text.toUpperCase().replace(/[\s,]/g, ''));
  if (match === null) return null;
  const [, digits = '', unit = ''] = match;
  const value = Number(`${digits}e${AMOUNT_UNITS[unit]}`);
  return Number.isFinite(value) ? value : null;
}

/** An amount above zero: a filter by nothing is none. */
export function parseAmount(text: string): number | null {
  return readAmount(text) || null;
}

/** The shortest text that `parseAmount` reads as exactly `value`: `1.5B`, `1234567`. */
export function formatAmount(value: number | null): string {
  if (value === null) return '';
  const texts = Object.entries(AMOUNT_UNITS).map(([unit, power]) => `${value / 10 ** power}${unit}`);
  return texts
    .filter((it) => parseAmount(it) === value)
    .reduce((a, b) => (b.length < a.length ? b : a), String(value));
}
