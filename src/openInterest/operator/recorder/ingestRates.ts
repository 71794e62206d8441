import { SECOND_MS } from '../../../kit/clock.ts';
import { createRateBuckets } from '../../../kit/rateBuckets.ts';

export const BUCKET_MS = 5 * SECOND_MS;
export const KEPT_BUCKETS = 360;

/**
 * Ingest traffic of the last half hour: requests, requests refused as a whole (`errors`), accepted samples, refused items.
 * The ingest log keeps a number of requests; these counts cover a fixed time at any rate.
 */
export function createIngestRates() {
  return createRateBuckets({
    fields: ['requests', 'errors', 'accepted', 'rejectedItems'],
    bucketMs: BUCKET_MS,
    buckets: KEPT_BUCKETS,
  });
}

export type IngestRates = ReturnType<typeof createIngestRates>;
