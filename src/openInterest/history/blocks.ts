import { HOUR_MS } from '../../kit/clock.ts';
import type { Source } from '../openInterest.types.ts';
import {
  CODEC_VERSION,
  decodeContracts,
  decodeHour,
  encodeHour,
  type BlockSample,
  type ContractColumns,
  type PriceColumns,
} from './codec/hourCodec.ts';

/** One hour of one symbol and source in the cold tier: its candle and all its samples. Times are epoch ms. */
export type HourBlock = HourSummary & HourPayload;

export type HourPayload = HourKey & { codec: number; payload: Uint8Array };

export type HourKey = { symbol: string; hour: number; source: Source };

/** Of contracts and of USD; `markPrice` and `fundingRate` are those of the last sample. */
type HourSummary = {
  samples: number;
  firstTs: number;
  lastTs: number;
  oiOpen: number;
  oiHigh: number;
  oiLow: number;
  oiClose: number;
  usdOpen: number | null;
  usdHigh: number | null;
  usdLow: number | null;
  usdClose: number | null;
  markPrice: number | null;
  fundingRate: number | null;
};

export function hourOf(ts: number): number {
  return Math.floor(ts / HOUR_MS) * HOUR_MS;
}

/** At least one sample, all of the hour of `key`. What is encoded is decoded and compared before it is answered. */
export function packBlock(key: HourKey, samples: readonly BlockSample[]): HourBlock {
  const sorted = samples.toSorted((a, b) => a.ts - b.ts);
  const stray = sorted.find(({ ts }) => hourOf(ts) !== key.hour);
  if (stray) throw new Error(`a sample of ${stray.ts} does not belong to the hour ${key.hour}`);
  const payload = encodeHour(sorted);
  requireSame(key, sorted, decodeHour(CODEC_VERSION, payload));
  return { ...key, ...summarise(sorted), codec: CODEC_VERSION, payload };
}

/** The samples of a block, oldest first. Throws an error that names the block when it cannot be read. */
export function unpackBlock(block: HourPayload): BlockSample[] {
  return unpack(block, () => decodeHour(block.codec, block.payload));
}

/** Times and contracts of those samples, in half the time; `prices` decodes the rest. Both throw as `unpackBlock` does. */
export function unpackContracts(block: HourPayload): ContractColumns & { prices: () => PriceColumns } {
  const { prices, ...contracts } = unpack(block, () => decodeContracts(block.codec, block.payload));
  return { ...contracts, prices: () => unpack(block, prices) };
}

function unpack<Samples>(block: HourPayload, decode: () => Samples): Samples {
  try {
    return decode();
  } catch (cause) {
    throw new Error(`block ${describeKey(block)} cannot be read`, { cause });
  }
}

/** Both, by time. A sample of `held` stays as it is. */
export function mergeSamples(held: readonly BlockSample[], given: readonly BlockSample[]): BlockSample[] {
  const byTime = new Map(given.map((it) => [it.ts, it]));
  for (const sample of held) byTime.set(sample.ts, sample);
  return [...byTime.values()].toSorted((a, b) => a.ts - b.ts);
}

/** Of samples in order of time, at least one. */
export function summarise(samples: readonly BlockSample[]): HourSummary {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const usd = samples.map((it) => it.openInterestUsd).filter((it) => it !== null);
  return {
    samples: samples.length,
    firstTs: first.ts,
    lastTs: last.ts,
    oiOpen: first.openInterest,
    oiHigh: samples.reduce((high, it) => Math.max(high, it.openInterest), -Infinity),
    oiLow: samples.reduce((low, it) => Math.min(low, it.openInterest), Infinity),
    oiClose: last.openInterest,
    usdOpen: first.openInterestUsd,
    usdHigh: usd.length === 0 ? null : usd.reduce((a, b) => Math.max(a, b)),
    usdLow: usd.length === 0 ? null : usd.reduce((a, b) => Math.min(a, b)),
    usdClose: last.openInterestUsd,
    markPrice: last.markPrice,
    fundingRate: last.fundingRate,
  };
}

export function describeKey({ symbol, hour, source }: HourKey): string {
  return `${symbol} ${new Date(hour).toISOString()} ${source}`;
}

/** A codec that loses a bit must not cost a sample: throws before anything is stored. */
function requireSame(key: HourKey, given: readonly BlockSample[], decoded: readonly BlockSample[]): void {
  const isSame = given.length === decoded.length && given.every((it, i) => isSameSample(it, decoded[i]!));
  if (!isSame) throw new Error(`block ${describeKey(key)} would not be read as it was written`);
}

/** `===` takes -0 for 0, which is the one difference that a block may make. */
function isSameSample(a: BlockSample, b: BlockSample): boolean {
  return (
    a.ts === b.ts &&
    a.openInterest === b.openInterest &&
    a.openInterestUsd === b.openInterestUsd &&
    a.markPrice === b.markPrice &&
    a.fundingRate === b.fundingRate &&
    a.createdAt === b.createdAt
  );
}
