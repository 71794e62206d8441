import type { IngestRecord } from './ingestRecord.ts';

export type IngestTotals = {
  chunks: number;
  refusedChunks: number;
  received: number;
  inserted: number;
  duplicates: number;
  rejected: number;
  withoutUsd: number;
};

/** A minute, which is what doctor looks at, of two keys at their limit; forty of a poller that posts every second. */
const KEPT = 2_400;

/** The last ingest requests, for doctor and the operator's page. */
export function createIngestLog() {
  const records: IngestRecord[] = [];
  let lastAcceptedAt: number | null = null;
  let lastRefused: IngestRecord | null = null;

  return {
    record(record: IngestRecord): void {
      records.push(record);
      if (records.length > KEPT) records.shift();
      if (record.status === 200) lastAcceptedAt = Math.max(lastAcceptedAt ?? 0, record.at);
      else lastRefused = record;
    },
    has: (requestId: string): boolean => records.some((it) => it.requestId === requestId),
    /** Newest first. */
    last: (count: number): IngestRecord[] => records.toReversed().slice(0, count),
    totalsSince(since: number): IngestTotals {
      const totals = emptyTotals();
      // A slow chunk is recorded after quicker ones that came later, so the records are not in order.
      for (const record of records) if (record.at >= since) addTo(totals, record);
      return totals;
    },
    /** The largest `aheadMs` of the chunks since: about 0 where all clocks agree, because samples are new. */
    samplesAheadMs(since: number): number | null {
      const ahead = records.flatMap((it) => (it.at >= since ? (it.aheadMs ?? []) : []));
      return ahead.length === 0 ? null : Math.max(...ahead);
    },
    lastAcceptedAt: () => lastAcceptedAt,
    lastRefused: () => lastRefused,
    /** The newest record since then with a refused item. */
    lastRejected: (since: number): IngestRecord | null =>
      records.findLast((it) => it.at >= since && it.refusals.length > 0) ?? null,
  };
}

export type IngestLog = ReturnType<typeof createIngestLog>;

function emptyTotals(): IngestTotals {
  return { chunks: 0, refusedChunks: 0, received: 0, inserted: 0, duplicates: 0, rejected: 0, withoutUsd: 0 };
}

function addTo(totals: IngestTotals, record: IngestRecord): void {
  totals.chunks += 1;
  if (record.status !== 200) totals.refusedChunks += 1;
  totals.received += record.received;
  totals.inserted += record.inserted;
  totals.duplicates += record.duplicates;
  totals.rejected += record.rejected;
  totals.withoutUsd += record.withoutUsd;
}
