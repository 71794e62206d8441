import type { Sample } from '../../openInterest.types.ts';
import {
  CorruptBlockError,
  createByteReader,
  createByteWriter,
  inflate,
  type ByteReader,
  type ByteWriter,
} from './bytes.ts';
import { readIntegers, writeIntegers, type CodecVersion } from './integers.ts';
import {
  countFlags,
  readFlags,
  readNullableNumbers,
  readNumbers,
  writeFlags,
  writeNullableNumbers,
  writeNumbers,
} from './numbers.ts';

/**
 * The payload of an hour block: every sample of one symbol, source and hour, exactly, in some 5 bytes each.
 *
 * It is the count of samples as a varint and then a column each of times, arrivals, contracts, mark prices, funding rates
 * and USD values (`codec/*.ts` describe the columns). USD is stored only where it is not contracts × mark price. Version 2
 * packs each column in the way that suits it, and arrivals as times or as delays; version 1 has only delays and deflates
 * all columns together, in a sixth more bytes. A version is never changed: what it wrote must be readable for as long as
 * history is kept.
 */

/** A sample within its block, which knows symbol and source. Times are epoch ms. */
export type BlockSample = Omit<Sample, 'symbol' | 'source'> & { createdAt: number };

/** The version that `encodeHour` writes. */
export const CODEC_VERSION = 2;

/** One a millisecond; a block that claims more is corrupt. */
const MOST_SAMPLES = 3_600_000;

/** Forms of the arrivals. */
const DELAYS = 0;
const TIMES = 1;

/** Order does not matter, times must be distinct. */
export function encodeHour(samples: readonly BlockSample[]): Buffer {
  const sorted = samples.toSorted((a, b) => a.ts - b.ts);
  for (const [i, sample] of sorted.entries()) {
    if (sample.ts === sorted[i - 1]?.ts)
      throw new Error(`two samples of one block have the time ${sample.ts}`);
  }
  const writer = createByteWriter();
  writer.varint(sorted.length);
  writeIntegers(
    writer,
    sorted.map((it) => it.ts),
  );
  writeArrivals(writer, sorted);
  writeNumbers(
    writer,
    sorted.map((it) => it.openInterest),
  );
  writeNullableNumbers(
    writer,
    sorted.map((it) => it.markPrice),
  );
  writeNullableNumbers(
    writer,
    sorted.map((it) => it.fundingRate),
  );
  const hasOwnUsd = sorted.map((it) => it.openInterestUsd !== impliedUsd(it.openInterest, it.markPrice));
  const ownUsd = sorted.filter((_, i) => hasOwnUsd[i]);
  writeFlags(writer, hasOwnUsd);
  writeNullableNumbers(
    writer,
    ownUsd.map((it) => it.openInterestUsd),
  );
  return writer.result();
}

/** What is stored at the pace of its poller has the smaller times, what is stored as it is published the smaller delays. */
function writeArrivals(writer: ByteWriter, samples: readonly BlockSample[]): void {
  const [delays, times] = [createByteWriter(), createByteWriter()];
  writeIntegers(
    delays,
    samples.map((it) => it.createdAt - it.ts),
  );
  writeIntegers(
    times,
    samples.map((it) => it.createdAt),
  );
  const isShorter = delays.result().length <= times.result().length;
  writer.byte(isShorter ? DELAYS : TIMES);
  writer.append((isShorter ? delays : times).result());
}

/** By time, oldest first. Throws `CorruptBlockError` when the payload is none of that version. */
export function decodeHour(version: number, payload: Uint8Array): BlockSample[] {
  const { prices, ...contracts } = decodeContracts(version, payload);
  return samplesOf(contracts, prices());
}

/** Columns of samples by time; epoch ms, contracts. */
export type ContractColumns = { ts: Float64Array; createdAt: Float64Array; openInterest: Float64Array };

/** The other columns of the same samples. */
export type PriceColumns = {
  openInterestUsd: ArrayLike<number | null>;
  markPrice: ArrayLike<number | null>;
  fundingRate: ArrayLike<number | null>;
};

export function samplesOf(
  { ts, createdAt, openInterest }: ContractColumns,
  { openInterestUsd, markPrice, fundingRate }: PriceColumns,
): BlockSample[] {
  return Array.from(ts, (time, i) => ({
    openInterest: openInterest[i]!,
    openInterestUsd: openInterestUsd[i]!,
    markPrice: markPrice[i]!,
    fundingRate: fundingRate[i]!,
    ts: time,
    createdAt: createdAt[i]!,
  }));
}

/** The first columns of a block, in half the time; `prices` decodes the others. */
export function decodeContracts(
  version: number,
  payload: Uint8Array,
): ContractColumns & { prices: () => PriceColumns } {
  const codec = requireVersion(version);
  const reader = createByteReader(codec === 1 ? inflate(payload) : payload);
  const contracts = readContracts(reader, codec);
  const others = reader.rest();
  return { ...contracts, prices: () => readPrices(createByteReader(others), codec, contracts.openInterest) };
}

function requireVersion(version: number): CodecVersion {
  if (version === 1 || version === CODEC_VERSION) return version;
  throw new CorruptBlockError(`codec ${version} is unknown; a newer server wrote this block`);
}

function readContracts(reader: ByteReader, version: CodecVersion): ContractColumns {
  const count = reader.varint();
  if (count > MOST_SAMPLES) throw new CorruptBlockError(`an hour has no ${count} samples`);
  // One piece of memory: each costs as much as reading a column.
  const columns = new Float64Array(3 * count);
  const ts = columns.subarray(0, count);
  const createdAt = columns.subarray(count, 2 * count);
  const openInterest = columns.subarray(2 * count);
  readIntegers(reader, ts, version);
  readArrivals(reader, { ts, createdAt }, version);
  readNumbers(reader, openInterest, version);
  return { ts, createdAt, openInterest };
}

function readPrices(reader: ByteReader, version: CodecVersion, openInterest: Float64Array): PriceColumns {
  const count = openInterest.length;
  const markPrice = readNullableNumbers(reader, count, version);
  const fundingRate = readNullableNumbers(reader, count, version);
  const hasOwnUsd = readFlags(reader, count);
  const ownUsd = readNullableNumbers(reader, countFlags(hasOwnUsd, count), version);
  reader.end();
  if (hasOwnUsd === true) return { openInterestUsd: ownUsd, markPrice, fundingRate };
  const openInterestUsd = new Array<number | null>(count);
  let nextOwnUsd = 0;
  for (let i = 0; i < count; i += 1) {
    const isOwn = hasOwnUsd && hasOwnUsd[i];
    openInterestUsd[i] = isOwn ? ownUsd[nextOwnUsd++]! : impliedUsd(openInterest[i]!, markPrice[i]!);
  }
  return { openInterestUsd, markPrice, fundingRate };
}

function readArrivals(
  reader: ByteReader,
  { ts, createdAt }: Pick<ContractColumns, 'ts' | 'createdAt'>,
  version: CodecVersion,
): void {
  const form = version === 1 ? DELAYS : reader.byte();
  if (form > TIMES) throw new CorruptBlockError(`arrivals of form ${form} are unknown`);
  readIntegers(reader, createdAt, version);
  if (form === DELAYS) for (let i = 0; i < ts.length; i += 1) createdAt[i]! += ts[i]!;
}

function impliedUsd(openInterest: number, markPrice: number | null): number | null {
  return markPrice === null ? null : openInterest * markPrice;
}
