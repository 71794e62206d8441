import { CorruptBlockError } from './bytes.ts';

/**
 * Rice codes of whole numbers, for columns whose low bits are noise: a number divided by 2^k as that many ones and a zero,
 * then its low k bits. Whole bytes, high bits first.
 */

export const LARGEST_K = 52;
/** A quotient this large is an outlier: so many ones without a zero, then the number in 53 bits. */
const OUTLIER = 40;
const OUTLIER_BITS = 53;

/** The `k` with which `numbers` need the fewest bytes, and how many these are. */
export function planRice(numbers: readonly number[]): { k: number; bytes: number } {
  const mean = numbers.reduce((total, it) => total + it, 0) / (numbers.length || 1);
  const near = Math.round(Math.log2(mean + 1));
  let best = { k: 0, bytes: Infinity };
  for (let k = Math.max(0, near - 2); k <= Math.min(LARGEST_K, near + 1); k += 1) {
    const bytes = bytesOf(numbers, k);
    if (bytes <= best.bytes) best = { k, bytes };
  }
  return best;
}

function bytesOf(numbers: readonly number[], k: number): number {
  const factor = 2 ** k;
  let bits = 0;
  for (const number of numbers) {
    const quotient = Math.floor(number / factor);
    bits += quotient < OUTLIER ? quotient + 1 + k : OUTLIER + OUTLIER_BITS;
  }
  return Math.ceil(bits / 8);
}

export function packRice(numbers: readonly number[], k: number): Buffer {
  const bytes = Buffer.alloc(bytesOf(numbers, k));
  const factor = 2 ** k;
  let at = 0;
  function put(number: number, count: number): void {
    let rest = number;
    for (let left = count; left > 0;) {
      const free = 8 - (at & 7);
      const taken = Math.min(left, free);
      const below = 2 ** (left - taken);
      const part = Math.floor(rest / below);
      rest -= part * below;
      bytes[at >>> 3]! |= part << (free - taken);
      at += taken;
      left -= taken;
    }
  }
  for (const number of numbers) {
    const quotient = Math.floor(number / factor);
    if (quotient >= OUTLIER) {
      put(2 ** OUTLIER - 1, OUTLIER);
      put(number, OUTLIER_BITS);
    } else {
      put(2 ** (quotient + 1) - 2, quotient + 1);
      put(number - quotient * factor, k);
    }
  }
  return bytes;
}

/** The bits of a 32-bit word that are there wherever in its first byte they begin. */
const WORD_BITS = 25;
const WORD_BYTES = 4;

/**
 * Reads as many numbers as `numbers` is long from the beginning of `bytes` and answers how many bytes they occupy. Throws
 * `CorruptBlockError` at the end of `bytes`.
 */
export function unpackRice(bytes: Uint8Array, k: number, numbers: Float64Array): number {
  const end = bytes.length * 8;
  const lastWord = bytes.length - WORD_BYTES;
  const factor = 2 ** k;
  const cursor = { bytes, at: 0 };
  let at = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    const byte = at >>> 3;
    if (byte <= lastWord) {
      // Most codes lie within one word: read without a call, in a third of the time.
      const word =
        ((bytes[byte]! << 24) | (bytes[byte + 1]! << 16) | (bytes[byte + 2]! << 8) | bytes[byte + 3]!) <<
        (at & 7);
      const ones = Math.clz32(~word);
      if (ones + 1 + k <= WORD_BITS) {
        numbers[i] = ones * factor + (k === 0 ? 0 : (word << (ones + 1)) >>> (32 - k));
        at += ones + 1 + k;
        continue;
      }
    }
    cursor.at = at;
    const quotient = takeOnes(cursor);
    numbers[i] = quotient === OUTLIER ? take(cursor, OUTLIER_BITS) : quotient * factor + take(cursor, k);
    at = cursor.at;
    if (at > end) throw new CorruptBlockError('the block ends too early');
  }
  return Math.ceil(at / 8);
}

/** `at`: the bit that is read next. */
type Cursor = { readonly bytes: Uint8Array; at: number };

/** The next bits from the highest on: at least `WORD_BITS`, zeros past the end. */
function wordAt({ bytes, at }: Cursor): number {
  const i = at >>> 3;
  return ((bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!) << (at & 7);
}

/** How many ones precede the next zero, at most `OUTLIER`; both are read. */
function takeOnes(cursor: Cursor): number {
  let ones = 0;
  for (;;) {
    const most = Math.min(WORD_BITS, OUTLIER - ones);
    const more = Math.min(Math.clz32(~wordAt(cursor)), most);
    ones += more;
    cursor.at += more;
    if (ones === OUTLIER) return ones;
    if (more === most) continue;
    cursor.at += 1;
    return ones;
  }
}

function take(cursor: Cursor, wanted: number): number {
  let number = 0;
  for (let left = wanted; left > 0;) {
    const taken = Math.min(left, WORD_BITS);
    number = number * (1 << taken) + (wordAt(cursor) >>> (32 - taken));
    cursor.at += taken;
    left -= taken;
  }
  return number;
}
