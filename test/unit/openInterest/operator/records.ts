import type { IngestRecord } from '../../../../src/openInterest/operator/recorder/ingestRecord.ts';

export const NOON = Date.UTC(2026, 10, 20, 12);

export function aRecord(given: Partial<IngestRecord> = {}): IngestRecord {
  return {
    at: NOON,
    requestId: 'r-1',
    keyId: 'key',
    source: 'realtime',
    received: 100,
    inserted: 90,
    duplicates: 8,
    rejected: 2,
    withoutUsd: 1,
    ms: 5,
    status: 200,
    reason: null,
    refusals: [],
    ...given,
  };
}
