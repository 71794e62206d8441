import type { IngestRecord } from './ingestRecord.ts';

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
    totalsSince(since: number) {
      // A slow chunk is recorded after quicker ones that came later, so the records are not in order.
      const recent = records.filter((it) => it.at >= since);
      const sum = (countOf: (record: IngestRecord) => number) => recent.reduce((n, it) => n + countOf(it), 0);
      return {
        chunks: recent.length,
        refusedChunks: recent.filter((it) => it.status !== 200).length,
        received: sum((it) => it.received),
        inserted: sum((it) => it.inserted),
        duplicates: sum((it) => it.duplicates),
        rejected: sum((it) => it.rejected),
        withoutUsd: sum((it) => it.withoutUsd),
      };
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
export type IngestTotals = ReturnType<IngestLog['totalsSince']>;
