/**
 * Whole numbers and unknowns as text, some two characters each: base64 VLQ as source maps have it, five bits a character,
 * lowest first, the lowest bit of all for the sign. `-` is `null`.
 */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const UNKNOWN = '-';
const CONTINUES = 32;

/** Numbers up to 2^52 either way. */
export function encodeWholes(values: readonly (number | null)[]): string {
  return values.map((it) => (it === null ? UNKNOWN : encodeWhole(it))).join('');
}

/** A `RangeError` for text that is not made of whole numbers. */
export function decodeWholes(text: string): (number | null)[] {
  const values: (number | null)[] = [];
  let value = 0;
  let scale = 1;
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    if (character === UNKNOWN && scale === 1) values.push(null);
    else if (digit < 0) throw new RangeError('a column of a frame has an unknown character');
    else {
      value += (digit % CONTINUES) * scale;
      scale *= CONTINUES;
      if (digit >= CONTINUES) continue;
      values.push(value % 2 === 0 ? value / 2 : -(value - 1) / 2);
      value = 0;
      scale = 1;
    }
  }
  if (scale !== 1) throw new RangeError('a column of a frame ends within a number');
  return values;
}

function encodeWhole(value: number): string {
  let rest = value < 0 ? -2 * value + 1 : 2 * value;
  let text = '';
  while (rest >= CONTINUES) {
    text += DIGITS[CONTINUES + (rest % CONTINUES)]!;
    rest = Math.floor(rest / CONTINUES);
  }
  return text + DIGITS[rest]!;
}
