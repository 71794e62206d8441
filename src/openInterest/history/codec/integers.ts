import {
  CorruptBlockError,
  createByteReader,
  createByteWriter,
  deflate,
  inflate,
  type ByteReader,
  type ByteWriter,
} from './bytes.ts';
import { LARGEST_K, packRice, planRice, unpackRice } from './rice.ts';

/**
 * A column of whole numbers: differences of order 0, 1 or 2, whichever are smallest; divided by their common divisor;
 * zigzag, so that small means few bits. Then the shorter of two forms: Rice codes, or byte planes that are deflated, which
 * pack numbers that repeat. Version 1 has only planes, and deflates the block as a whole.
 */

/** The versions of the codec. */
export type CodecVersion = 1 | 2;

/** Second differences of numbers within it still fit a double after zigzag. */
export const LARGEST_INTEGER = 2 ** 50;

const ORDERS = [0, 1, 2] as const;
const WIDEST = 7;
/** Instead of the `k` of Rice codes. */
const PLANES = 255;

export function writeIntegers(writer: ByteWriter, values: readonly number[]): void {
  const { order, seeds, rest } = chooseDifferences(values);
  const unit = unitOf(rest);
  const numbers = rest.map((it) => zigzag(it / unit));
  writer.byte(order);
  for (const seed of seeds) writer.varint(zigzag(seed));
  writer.varint(unit);
  const { k, bytes } = planRice(numbers);
  const planes = deflate(planesOf(numbers));
  if (bytes <= planes.length) {
    writer.byte(k);
    writer.append(packRice(numbers, k));
  } else {
    writer.byte(PLANES);
    writer.varint(planes.length);
    writer.append(planes);
  }
}

/** Fills `values`, which are zeros before. */
export function readIntegers(reader: ByteReader, values: Float64Array, version: CodecVersion): void {
  const order = reader.byte();
  if (order >= ORDERS.length) throw new CorruptBlockError(`differences of order ${order} are unknown`);
  const seeds = Math.min(order, values.length);
  for (let i = 0; i < seeds; i += 1) values[i] = unzigzag(reader.varint());
  const unit = reader.varint();
  const numbers = values.subarray(seeds);
  readUnsigned(reader, numbers, version);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = unzigzag(numbers[i]!) * unit;
  addUp(values, seeds);
}

/** Makes differences of that order values again. */
function addUp(values: Float64Array, order: number): void {
  for (let place = order - 1; place >= 0; place -= 1) {
    let sum = values[place]!;
    for (let i = place + 1; i < values.length; i += 1) {
      sum += values[i]!;
      values[i] = sum;
    }
  }
}

function readUnsigned(reader: ByteReader, numbers: Float64Array, version: CodecVersion): void {
  if (version === 1) return readPlanes(reader, numbers);
  const k = reader.byte();
  if (k === PLANES) {
    const planes = createByteReader(inflate(reader.part(reader.varint()), 1 + WIDEST * numbers.length));
    readPlanes(planes, numbers);
    planes.end();
    return;
  }
  if (k > LARGEST_K) throw new CorruptBlockError(`Rice codes of ${k} bits are unknown`);
  reader.part(unpackRice(reader.rest(), k, numbers));
}

/** How many there are, then all lowest bytes, all second bytes and so on. */
function planesOf(numbers: readonly number[]): Buffer {
  const writer = createByteWriter();
  const width = widthOf(numbers.reduce((a, b) => Math.max(a, b), 0));
  writer.byte(width);
  for (let plane = 0; plane < width; plane += 1) {
    const divisor = 256 ** plane;
    for (const number of numbers) writer.byte(Math.floor(number / divisor) % 256);
  }
  return writer.result();
}

/** `numbers` are zeros before. */
function readPlanes(reader: ByteReader, numbers: Float64Array): void {
  const width = reader.byte();
  if (width > WIDEST) throw new CorruptBlockError(`numbers of ${width} bytes are unknown`);
  for (let plane = 0; plane < width; plane += 1) {
    const factor = 256 ** plane;
    const bytes = reader.part(numbers.length);
    for (let i = 0; i < bytes.length; i += 1) numbers[i]! += bytes[i]! * factor;
  }
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

/** 0, -1, 1, -2 become 0, 1, 2, 3. */
function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

function unzigzag(value: number): number {
  // `%` of doubles is a call.
  const half = Math.floor(value / 2);
  return half + half === value ? half : -half - 1;
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
