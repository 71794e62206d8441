import type { CollectorView, DebugBody } from '../../../src/openInterest/operator/debug/debug.types.ts';

export const NOW = Date.UTC(2026, 10, 20, 14, 3, 22);

/** The debug body of a healthy system. */
export function aDebugBody(given: Partial<DebugBody> = {}): DebugBody {
  const counted = (stage: DebugBody['pipeline'][number]['stage'], count: number) => ({
    stage,
    count,
    how: 'counted' as const,
    missing: 0,
    since: null,
    note: null,
  });
  return {
    serverTime: NOW,
    debugEverySec: 5,
    version: '0.1.0',
    startedAt: NOW - 3 * 3_600_000,
    epoch: 'k3f',
    seq: 4_182,
    health: { word: 'healthy', sentence: null },
    healthy: true,
    stages: [{ stage: 'database', finding: 'embedded Postgres answers in 1 ms', state: 'ok' }],
    pipeline: [
      counted('universe', 343),
      { ...counted('polled', 343), how: 'reported' },
      counted('posted', 343),
      counted('accepted', 343),
      counted('stored', 343),
      counted('broadcast', 343),
      counted('clients', 12),
    ],
    rates: {
      samplesPerSec: 11.4,
      last5Min: { requests: 40, errors: 0, rejectedItems: 0 },
      postToBroadcastMs: { p50: 600, p95: 1_900, chunks: 40 },
      lastBatch: { at: NOW - 4_000, source: 'realtime', accepted: 43, received: 43 },
    },
    weight: null,
    collectors: [aCollector()],
    ingest: [],
    universe: {
      total: 343,
      updatedAt: NOW - 120_000,
      thresholds: { enter: 4e6, exit: 2e6 },
      last24h: { entered: 2, left: 1 },
      members: [],
      journal: [],
    },
    gaps: [],
    sockets: {
      clients: { realtime: 12, snapshot: 30, snapshotAll: 0 },
      messagesPerSec: 4.2,
      bytesPerSec: 12_400,
      syncs: 8,
      syncsLast5Min: 1,
      slowDropped: 0,
      floodDropped: 0,
      refused: 0,
    },
    server: {
      realtimeEnabled: true,
      database: { kind: 'embedded', pingMs: 0.5 },
      redis: { configured: false, pingMs: null },
    },
    history: null,
    alerts: [],
    ...given,
  };
}

export function aCollector(given: Partial<CollectorView> = {}): CollectorView {
  return {
    name: 'oi-poller',
    state: 'up',
    inferred: false,
    lastAt: NOW - 4_000,
    everySec: 30,
    version: null,
    startedAt: null,
    note: null,
    bannedUntil: null,
    weightUsed: null,
    spool: null,
    cells: [],
    jobs: [],
    ...given,
  };
}
