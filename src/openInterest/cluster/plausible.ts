import { MOST_AHEAD_MS } from '../ingest/ingest.types.ts';
import { normaliseSymbol } from '../ingest/parse.ts';
import type { Sample } from '../openInterest.types.ts';

/** A node accepts samples up to a minute ahead of its clock, and its clock may be as far ahead of ours. */
const PLAUSIBLE_AHEAD_MS = 2 * MOST_AHEAD_MS;

/**
 * Whether a sample from Redis can be one that a node has accepted. Others may write to Redis too, and a single sample
 * from next year would block its symbol until then.
 */
export function isPlausible(sample: Sample, now: number): boolean {
  return (
    sample.openInterest >= 0 &&
    sample.ts >= 0 &&
    sample.ts <= latestPlausibleTs(now) &&
    normaliseSymbol(sample.symbol) === sample.symbol
  );
}

/** A sample from later than this was never accepted by any node. */
export function latestPlausibleTs(now: number): number {
  return now + PLAUSIBLE_AHEAD_MS;
}
