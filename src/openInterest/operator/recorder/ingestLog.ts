import type { Throughput } from './throughput.ts';

/**
 * The last ingest requests, kept in memory for doctor and the operator's page: what came, what became of it. No key and
 * no body is kept.
 */
export type IngestRecord = {
  /** Epoch ms of receipt. */
  at: number;
  requestId: string;
  keyId: string;
  source: string;
  received: number;
  inserted: number;
  duplicates: number;
  rejected: number;
  withoutUsd: number;
  /** How far its newest sample, a refused one too, lies ahead of `at`. `null`: history, or no time at all. */
  aheadMs?: number | null;
  ms: number;
  status: number;
  /** Why it was refused, or the commonest reason among refused items. */
  reason: string | null;
  /** The first refused items, to look at. */
  refusals: readonly { index: number; symbol: string | null; code: string; message: string }[];
};

export type IngestTotals = {
  chunks: number;
  refusedChunks: number;
  received: number;
  inserted: number;
  duplicates: number;
  rejected: number;
  withoutUsd: number;
};

export type IngestLog = {
  record(record: IngestRecord): void;
  /** Whether this request stands in the log. */
  knows(requestId: string): boolean;
  /** Newest first. */
  last(count: number): IngestRecord[];
  totalsSince(since: number): IngestTotals;
  /** The largest `aheadMs` of the chunks since: about 0 where all clocks agree, for samples are new. */
  samplesAheadMs(since: number): number | null;
  lastAcceptedAt(): number | null;
  lastRefused(): IngestRecord | null;
  /** The newest record since then with a refused item. */
  lastRejected(since: number): IngestRecord | null;
};

/** A minute, which is what doctor looks at, of two keys at their limit; forty of a poller that posts every second. */
const KEPT = 2_400;

export function createIngestLog(throughput: Throughput): IngestLog {
  const records: IngestRecord[] = [];
  let lastAcceptedAt: number | null = null;
  let lastRefused: IngestRecord | null = null;

  return {
    record(record) {
      records.push(record);
      if (records.length > KEPT) records.shift();
      const isAccepted = record.status === 200;
      if (isAccepted) lastAcceptedAt = Math.max(lastAcceptedAt ?? 0, record.at);
      else lastRefused = record;
      throughput.record(record.at, {
        requests: 1,
        errors: isAccepted ? 0 : 1,
        accepted: isAccepted ? record.inserted + record.duplicates : 0,
        rejectedItems: record.rejected,
      });
    },
    knows: (requestId) => records.some((it) => it.requestId === requestId),
    last: (count) => records.toReversed().slice(0, count),
    totalsSince(since) {
      const totals = emptyTotals();
      // A slow chunk is recorded after quicker ones that came later, so the records are not in order.
      for (const record of records) if (record.at >= since) addTo(totals, record);
      return totals;
    },
    samplesAheadMs(since) {
      const ahead = records.flatMap((it) => (it.at >= since ? (it.aheadMs ?? []) : []));
      return ahead.length === 0 ? null : Math.max(...ahead);
    },
    lastAcceptedAt: () => lastAcceptedAt,
    lastRefused: () => lastRefused,
    lastRejected: (since) => records.findLast((it) => it.at >= since && it.refusals.length > 0) ?? null,
  };
}

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
