import fs from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CorruptBlockError } from '../../../../../src/openInterest/history/codec/bytes.ts';
import {
  CODEC_VERSION,
  decodeHour,
  encodeHour,
  type BlockSample,
} from '../../../../../src/openInterest/history/codec/hourCodec.ts';

const HOUR = Date.UTC(2026, 10, 20, 14);
const LAST_MS = Date.UTC(9999, 11, 31);

/** A sample every 10 s, as our collector sends them. */
function anHour(count = 360): BlockSample[] {
  return Array.from({ length: count }, (_, i) => {
    const openInterest = (106_312_376 + 37 * ((i * 7919) % 101)) / 1_000;
    const markPrice = (7_691_695_122_464 + 1_001 * ((i * 104_729) % 9_973)) / 1e8;
    return {
      ts: HOUR + i * 10_000 + ((i * 31) % 17),
      openInterest,
      openInterestUsd: openInterest * markPrice,
      markPrice,
      fundingRate: 0.00008972 + Math.floor(i / 100) / 1e8,
      createdAt: HOUR + i * 10_000 + 180 + ((i * 53) % 97),
    };
  });
}

/** Compares bit by bit; -0 is the one value that does not round-trip. */
const normalise = (it: BlockSample) => ({
  ts: it.ts,
  openInterest: it.openInterest + 0,
  openInterestUsd: it.openInterestUsd === null ? null : it.openInterestUsd + 0,
  markPrice: it.markPrice === null ? null : it.markPrice + 0,
  fundingRate: it.fundingRate === null ? null : it.fundingRate + 0,
  createdAt: it.createdAt,
});

function roundTrip(samples: readonly BlockSample[]): BlockSample[] {
  return decodeHour(CODEC_VERSION, encodeHour(samples)).map(normalise);
}

/** Doubles of every kind, and those that exchanges send: decimals. */
const anyDouble = fc.oneof(
  fc.double(),
  fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 }))
    .map(([whole, decimals]) => whole / 10 ** decimals),
  fc.constantFrom(0, -0, 2 ** 50, 2 ** 53, 1e15, 1e-22, 5e-324, Number.MAX_VALUE),
);
const anySample: fc.Arbitrary<BlockSample> = fc
  .record({
    ts: fc.integer({ min: 0, max: LAST_MS }),
    openInterest: anyDouble,
    openInterestUsd: fc.option(anyDouble),
    markPrice: fc.option(anyDouble),
    fundingRate: fc.option(anyDouble),
    createdAt: fc.integer({ min: 0, max: LAST_MS }),
    hasImpliedUsd: fc.boolean(),
  })
  .map(({ hasImpliedUsd, ...it }) =>
    hasImpliedUsd && it.markPrice !== null ? { ...it, openInterestUsd: it.openInterest * it.markPrice } : it,
  );
const anySamples = fc.uniqueArray(anySample, { selector: (it) => it.ts, maxLength: 60 });

describe('hour block codec', () => {
  it('round-trips samples bit by bit and null by null, sorted by time, for any input order', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const sorted = samples.toSorted((a, b) => a.ts - b.ts).map(normalise);
        expect(roundTrip(samples)).toEqual(sorted);
      }),
      { numRuns: 500 },
    );
  });

  it('round-trips series of decimals, as exchanges send them', () => {
    const series = fc
      .tuple(
        fc.integer({ min: 0, max: 8 }),
        fc.array(fc.integer({ min: -1e6, max: 1e6 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 60_000 }),
      )
      .map(([decimals, steps, everyMs]) => {
        let whole = 1e9;
        return steps.map((step, i) => ({
          ...anHour(1)[0]!,
          ts: HOUR + i * everyMs,
          openInterest: (whole += step) / 10 ** decimals,
        }));
      });
    fc.assert(fc.property(series, (samples) => expect(roundTrip(samples)).toEqual(samples.map(normalise))));
  });

  it('round-trips columns of any size, each with outliers and repeats', () => {
    const series = fc
      .array(
        fc.record({
          size: fc.integer({ min: 0, max: 46 }),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
          repeats: fc.integer({ min: 1, max: 60 }),
        }),
        { maxLength: 12 },
      )
      .map((parts) =>
        parts
          .flatMap(({ size, share, repeats }) =>
            new Array<number>(repeats).fill(Math.floor(2 ** size * share)),
          )
          .map((whole, i) => ({ ...anHour(1)[0]!, ts: HOUR + i, createdAt: whole, openInterest: whole })),
      );
    fc.assert(fc.property(series, (samples) => expect(roundTrip(samples)).toEqual(samples.map(normalise))));
  });

  it('needs at most 6.5 bytes a sample for a usual hour, and less where all arrive at once', () => {
    const hour = anHour();
    expect(encodeHour(hour).length / 360).toBeLessThan(6.5);
    const atOnce = hour.map((it) => ({ ...it, createdAt: HOUR + 7_200_000 }));
    expect(encodeHour(atOnce).length / 360).toBeLessThan(5.5);
  });

  it('needs little more than the doubles themselves for arbitrary doubles', () => {
    const thirds = anHour().map((it) => ({
      ...it,
      openInterest: it.openInterest / 3,
      openInterestUsd: null,
    }));
    expect(roundTrip(thirds)).toEqual(thirds);
    expect(encodeHour(thirds).length / 360).toBeLessThan(16);
  });

  it('refuses two samples of one time, as a block has one source', () => {
    const [sample] = anHour(1);
    expect(() => encodeHour([sample!, { ...sample!, openInterest: 1 }])).toThrow('two samples');
  });

  it('refuses an unknown version and names the remedy', () => {
    expect(() => decodeHour(3, encodeHour(anHour()))).toThrow('a newer server wrote this block');
  });

  it('refuses every payload that is truncated or too long', () => {
    const payload = encodeHour(anHour(20));
    for (let length = 0; length < payload.length; length += 1) {
      expect(() => decodeHour(CODEC_VERSION, payload.subarray(0, length))).toThrow(CorruptBlockError);
    }
    const longer = Buffer.concat([payload, Buffer.of(0)]);
    expect(() => decodeHour(CODEC_VERSION, longer)).toThrow(CorruptBlockError);
  });

  it('decodes any bytes as samples or as corrupt, and never fails in another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        // A count is a varint: without its second byte the block stays small.
        const body = Buffer.concat([Buffer.of(3), bytes]);
        for (const [version, payload] of [[1, deflateRawSync(body)] as const, [2, body] as const]) {
          try {
            expect(decodeHour(version, payload)).toHaveLength(3);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(CorruptBlockError);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Blocks written by each version. Every later version must read them; they are never regenerated. */
describe('golden blocks', () => {
  type Golden = { payloads: Record<'v1' | 'v2', string>; samples: BlockSample[] };
  const folder = new URL('golden/', import.meta.url);
  const files = fs.readdirSync(folder);

  it.each(files)('%s decodes to the samples it was encoded from, as each version encoded them', (name) => {
    const { payloads, samples } = JSON.parse(fs.readFileSync(new URL(name, folder), 'utf8')) as Golden;
    expect(decodeHour(1, Buffer.from(payloads.v1, 'base64'))).toEqual(samples);
    expect(decodeHour(2, Buffer.from(payloads.v2, 'base64'))).toEqual(samples);
  });

  it('exist', () => {
    expect(files.length).toBeGreaterThanOrEqual(6);
  });
});
