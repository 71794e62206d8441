import type { z } from 'zod';
import type { OpenInterestSampleInput, Source } from '../../openInterest/openInterest.types.ts';
import type { MarkPrice, OpenInterestReading } from '../collector.types.ts';

/**
 * A reading as the server expects it. Its time is the exchange's, so a wrong clock here changes nothing. Without a usable
 * price the USD value is unknown, which is not 0.
 */
export function toSample(
  reading: OpenInterestReading,
  price: MarkPrice | null,
  source: Source,
  spooledAt: number,
): z.input<typeof OpenInterestSampleInput> & { ts: number } {
  const markPrice = price?.markPrice ?? null;
  return {
    symbol: reading.symbol,
    openInterest: reading.openInterest,
    openInterestUsd: markPrice === null ? null : reading.openInterest * markPrice,
    markPrice,
    fundingRate: price?.fundingRate ?? null,
    ts: reading.ts,
    source,
    fetchedAt: reading.fetchedAt,
    spooledAt,
  };
}

/** The server would reject a whole chunk for a value that is no number. */
export function isUsable({ openInterest, ts }: OpenInterestReading): boolean {
  return Number.isFinite(openInterest) && openInterest >= 0 && Number.isSafeInteger(ts) && ts > 0;
}
