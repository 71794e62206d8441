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

/** `count` numbers from the beginning of `bytes`, and how many bytes they occupy. Throws `CorruptBlockError` at the end of `bytes`. */
export function unpackRice(
  bytes: Uint8Array,
  k: number,
  count: number,
): { numbers: number[]; length: number } {
  const end = bytes.length * 8;
  let at = 0;
  /** How many ones precede the next zero; both are read. */
  function takeOnes(): number {
    let ones = 0;
    while (ones < OUTLIER) {
      if (at >= end) throw new CorruptBlockError('the block ends too early');
      const isOne = (bytes[at >>> 3]! & (0x80 >>> (at & 7))) !== 0;
      at += 1;
      if (!isOne) break;
      ones += 1;
    }
    return ones;
  }
  function take(wanted: number): number {
    if (at + wanted > end) throw new CorruptBlockError('the block ends too early');
    let number = 0;
    for (let left = wanted; left > 0;) {
      const unread = 8 - (at & 7);
      const taken = Math.min(left, unread);
      const part = (bytes[at >>> 3]! >>> (unread - taken)) & ((1 << taken) - 1);
      number = number * (1 << taken) + part;
      at += taken;
      left -= taken;
    }
    return number;
  }
  const numbers = new Array<number>(count);
  const factor = 2 ** k;
  for (let i = 0; i < count; i += 1) {
    const quotient = takeOnes();
    numbers[i] = quotient === OUTLIER ? take(OUTLIER_BITS) : quotient * factor + take(k);
  }
  return { numbers, length: Math.ceil(at / 8) };
}
