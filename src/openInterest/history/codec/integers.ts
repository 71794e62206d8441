import { CorruptBlockError, type ByteReader, type ByteWriter } from './bytes.ts';

/**
 * A column of whole numbers: differences of order 0, 1 or 2, whichever are smallest; divided by their common divisor;
 * zigzag, so that small means few bits; split into byte planes. The lowest plane is mostly noise, the higher ones are
 * mostly zero, and apart from each other deflate packs them better than as varints.
 */

/** Second differences of numbers within it still fit a double after zigzag. */
export const LARGEST_INTEGER = 2 ** 50;

const ORDERS = [0, 1, 2] as const;
const WIDEST = 7;

export function writeIntegers(writer: ByteWriter, values: readonly number[]): void {
  const { order, seeds, rest } = chooseDifferences(values);
  const unit = unitOf(rest);
  const numbers = rest.map((it) => zigzag(it / unit));
  const width = widthOf(numbers.reduce((a, b) => Math.max(a, b), 0));
  writer.byte(order);
  for (const seed of seeds) writer.varint(zigzag(seed));
  writer.varint(unit);
  writer.byte(width);
  for (let plane = 0; plane < width; plane += 1) {
    const divisor = 256 ** plane;
    for (const number of numbers) writer.byte(Math.floor(number / divisor) % 256);
  }
}

export function readIntegers(reader: ByteReader, count: number): number[] {
  const order = reader.byte();
  if (order >= ORDERS.length) throw new CorruptBlockError(`differences of order ${order} are unknown`);
  const seeds = Array.from({ length: Math.min(order, count) }, () => unzigzag(reader.varint()));
  const unit = reader.varint();
  const width = reader.byte();
  if (width > WIDEST) throw new CorruptBlockError(`numbers of ${width} bytes are unknown`);
  const numbers = new Array<number>(count - seeds.length).fill(0);
  for (let plane = 0; plane < width; plane += 1) {
    const factor = 256 ** plane;
    for (let i = 0; i < numbers.length; i += 1) numbers[i]! += reader.byte() * factor;
  }
  let values = numbers.map((it) => unzigzag(it) * unit);
  for (const seed of seeds.toReversed()) values = sum(seed, values);
  return values;
}

type Differences = { order: number; seeds: number[]; rest: readonly number[] };

/** `seeds`: the first value of each order below; with them `rest` adds up to the values again. */
function chooseDifferences(values: readonly number[]): Differences {
  let best: Differences = { order: 0, seeds: [], rest: values };
  let fewest = Infinity;
  let seeds: number[] = [];
  let rest = values;
  for (const order of ORDERS) {
    const bits = rest.reduce((total, it) => total + Math.log2(1 + Math.abs(it)), 0);
    if (bits < fewest) {
      best = { order, seeds, rest };
      fewest = bits;
    }
    if (rest.length === 0) break;
    seeds = [...seeds, rest[0]!];
    rest = differencesOf(rest);
  }
  return best;
}

function differencesOf(values: readonly number[]): number[] {
  const differences = new Array<number>(values.length - 1);
  for (let i = 1; i < values.length; i += 1) differences[i - 1] = values[i]! - values[i - 1]!;
  return differences;
}

function sum(first: number, differences: readonly number[]): number[] {
  const values = [first];
  let value = first;
  for (const difference of differences) values.push((value += difference));
  return values;
}

/** 0, -1, 1, -2 become 0, 1, 2, 3. */
function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function widthOf(largest: number): number {
  let width = 0;
  for (let rest = largest; rest > 0; rest = Math.floor(rest / 256)) width += 1;
  return width;
}

/** The greatest common divisor; 1 of zeros and of nothing. */
function unitOf(values: readonly number[]): number {
  let divisor = 0;
  for (const value of values) {
    for (let rest = Math.abs(value); rest > 0;) [divisor, rest] = [rest, divisor % rest];
    if (divisor === 1) break;
  }
  return divisor || 1;
}
