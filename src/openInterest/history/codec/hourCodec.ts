import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Sample } from '../../openInterest.types.ts';
import { CorruptBlockError, createByteReader, createByteWriter, type ByteReader } from './bytes.ts';
import { readIntegers, writeIntegers } from './integers.ts';
import {
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
 * Version 1 is the count of samples as a varint and then a column each of times, arrival delays, contracts, mark prices,
 * funding rates and USD values, all deflated (`codec/*.ts` describe the columns). USD is stored only where it is not
 * contracts × mark price. A version is never changed: what it wrote must be readable for as long as history is kept.
 */

/** A sample within its block, which knows symbol and source. Times are epoch ms. */
export type BlockSample = Omit<Sample, 'symbol' | 'source'> & { createdAt: number };

/** The version that `encodeHour` writes. */
export const CODEC_VERSION = 1;

/** One a millisecond; a block that claims more is corrupt. */
const MOST_SAMPLES = 3_600_000;
const MOST_BYTES = 64 * MOST_SAMPLES;

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
  writeIntegers(
    writer,
    sorted.map((it) => it.createdAt - it.ts),
  );
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
  const ownUsd = sorted.filter((it) => it.openInterestUsd !== impliedUsd(it));
  writeFlags(
    writer,
    sorted.map((it) => it.openInterestUsd !== impliedUsd(it)),
  );
  writeNullableNumbers(
    writer,
    ownUsd.map((it) => it.openInterestUsd),
  );
  return deflateRawSync(writer.result(), { level: 9 });
}

/** By time, oldest first. Throws `CorruptBlockError` when the payload is none of that version. */
export function decodeHour(version: number, payload: Uint8Array): BlockSample[] {
  if (version !== CODEC_VERSION) {
    throw new CorruptBlockError(`codec ${version} is unknown; a newer server wrote this block`);
  }
  const reader = createByteReader(inflate(payload));
  const samples = readColumns(reader);
  reader.end();
  return samples;
}

function readColumns(reader: ByteReader): BlockSample[] {
  const count = reader.varint();
  if (count > MOST_SAMPLES) throw new CorruptBlockError(`an hour has no ${count} samples`);
  const ts = readIntegers(reader, count);
  const delays = readIntegers(reader, count);
  const openInterest = readNumbers(reader, count);
  const markPrice = readNullableNumbers(reader, count);
  const fundingRate = readNullableNumbers(reader, count);
  const hasOwnUsd = readFlags(reader, count);
  const ownUsd = readNullableNumbers(reader, hasOwnUsd.filter(Boolean).length);
  let nextOwnUsd = 0;
  return ts.map((time, i) => {
    const sample: Mutable<BlockSample> = {
      openInterest: openInterest[i]!,
      openInterestUsd: null,
      markPrice: markPrice[i]!,
      fundingRate: fundingRate[i]!,
      ts: time,
      createdAt: time + delays[i]!,
    };
    sample.openInterestUsd = hasOwnUsd[i] ? ownUsd[nextOwnUsd++]! : impliedUsd(sample);
    return sample;
  });
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function impliedUsd({
  openInterest,
  markPrice,
}: Pick<BlockSample, 'openInterest' | 'markPrice'>): number | null {
  return markPrice === null ? null : openInterest * markPrice;
}

function inflate(payload: Uint8Array): Buffer {
  try {
    return inflateRawSync(payload, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new CorruptBlockError('the block cannot be inflated', { cause });
  }
}
