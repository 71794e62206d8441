import {
  CorruptBlockError,
  createByteReader,
  deflate,
  inflate,
  type ByteReader,
  type ByteWriter,
} from './bytes.ts';
import { LARGEST_INTEGER, readIntegers, writeIntegers, type CodecVersion } from './integers.ts';

/**
 * A column of doubles, exactly: as whole numbers and a number of decimals where every value is such a decimal, else as the
 * bytes of the doubles, deflated. Zero has no sign: -0 is read back as 0.
 */

/** Powers of ten up to here are exact doubles, so that `whole / 10 ** decimals` is the double nearest to the decimal. */
const MOST_DECIMALS = 22;
const POWERS = Array.from({ length: MOST_DECIMALS + 1 }, (_, decimals) => 10 ** decimals);
const RAW = 255;
const DOUBLE_BYTES = 8;

export function writeNumbers(writer: ByteWriter, values: readonly number[]): void {
  const decimals = decimalsOf(values);
  if (decimals === null) {
    writer.byte(RAW);
    writeDoubles(writer, values);
    return;
  }
  const power = POWERS[decimals]!;
  writer.byte(decimals);
  writeIntegers(
    writer,
    values.map((it) => Math.round(it * power) + 0),
  );
}

/** Fills `values`, which are zeros before. */
export function readNumbers(reader: ByteReader, values: Float64Array, version: CodecVersion): void {
  const decimals = reader.byte();
  if (decimals === RAW) return readDoubles(reader, values, version);
  if (decimals > MOST_DECIMALS) throw new CorruptBlockError(`${decimals} decimals are unknown`);
  const power = POWERS[decimals]!;
  readIntegers(reader, values, version);
  for (let i = 0; i < values.length; i += 1) values[i]! /= power;
}

/** The fewest decimals with which every value is exact, `null` when there are none. */
function decimalsOf(values: readonly number[]): number | null {
  let decimals = 0;
  let checkedFrom = 0;
  for (const [i, value] of values.entries()) {
    while (!isExact(value, decimals)) {
      decimals += 1;
      if (decimals > MOST_DECIMALS) return null;
      checkedFrom = i;
    }
  }
  // A value that is exact with fewer decimals may be too large for so many.
  return values.slice(0, checkedFrom).every((it) => isExact(it, decimals)) ? decimals : null;
}

function isExact(value: number, decimals: number): boolean {
  const power = POWERS[decimals]!;
  const whole = Math.round(value * power);
  return Math.abs(whole) <= LARGEST_INTEGER && whole / power === value;
}

/** Big-endian, all first bytes first: neighbouring values share sign and exponent. */
function writeDoubles(writer: ByteWriter, values: readonly number[]): void {
  const bytes = Buffer.alloc(values.length * DOUBLE_BYTES);
  for (const [i, value] of values.entries()) bytes.writeDoubleBE(value + 0, i * DOUBLE_BYTES);
  const planes = Buffer.alloc(bytes.length);
  for (const at of bytes.keys())
    planes[(at % DOUBLE_BYTES) * values.length + Math.floor(at / DOUBLE_BYTES)] = bytes[at]!;
  const deflated = deflate(planes);
  writer.varint(deflated.length);
  writer.append(deflated);
}

function readDoubles(reader: ByteReader, values: Float64Array, version: CodecVersion): void {
  const count = values.length;
  const bytes = Buffer.alloc(count * DOUBLE_BYTES);
  const planes =
    version === 1 ? reader : createByteReader(inflate(reader.part(reader.varint()), bytes.length));
  for (let plane = 0; plane < DOUBLE_BYTES; plane += 1) {
    for (let i = 0; i < count; i += 1) bytes[i * DOUBLE_BYTES + plane] = planes.byte();
  }
  if (version !== 1) planes.end();
  for (let i = 0; i < count; i += 1) values[i] = bytes.readDoubleBE(i * DOUBLE_BYTES);
}

const NO_FLAGS = 0;
const ALL_FLAGS = 1;
const SOME_FLAGS = 2;

/** One bit a value, and one byte where all are alike. */
export function writeFlags(writer: ByteWriter, flags: readonly boolean[]): void {
  if (!flags.includes(true)) return writer.byte(NO_FLAGS);
  if (!flags.includes(false)) return writer.byte(ALL_FLAGS);
  writer.byte(SOME_FLAGS);
  for (let first = 0; first < flags.length; first += 8) {
    writer.byte(flags.slice(first, first + 8).reduce((byte, flag, i) => byte + (flag ? 2 ** i : 0), 0));
  }
}

/** One flag where all are alike. */
type Flags = boolean | readonly boolean[];

export function countFlags(flags: Flags, count: number): number {
  if (typeof flags === 'boolean') return flags ? count : 0;
  return flags.reduce((total, it) => total + Number(it), 0);
}

export function readFlags(reader: ByteReader, count: number): Flags {
  const form = reader.byte();
  if (form > SOME_FLAGS) throw new CorruptBlockError(`flags of form ${form} are unknown`);
  if (form !== SOME_FLAGS) return form === ALL_FLAGS;
  const flags: boolean[] = [];
  let byte = 0;
  for (let i = 0; i < count; i += 1) {
    if (i % 8 === 0) byte = reader.byte();
    flags.push(Math.floor(byte / 2 ** (i % 8)) % 2 === 1);
  }
  return flags;
}

export function writeNullableNumbers(writer: ByteWriter, values: readonly (number | null)[]): void {
  writeFlags(
    writer,
    values.map((it) => it === null),
  );
  writeNumbers(
    writer,
    values.filter((it) => it !== null),
  );
}

export function readNullableNumbers(
  reader: ByteReader,
  count: number,
  version: CodecVersion,
): ArrayLike<number | null> {
  const isNull = readFlags(reader, count);
  const known = new Float64Array(count - countFlags(isNull, count));
  readNumbers(reader, known, version);
  if (typeof isNull === 'boolean') return isNull ? new Array<null>(count).fill(null) : known;
  let next = 0;
  return isNull.map((it) => (it ? null : known[next++]!));
}
