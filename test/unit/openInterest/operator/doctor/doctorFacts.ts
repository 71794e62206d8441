import { expect } from '@jest/globals';
import { diagnose } from '../../../../../src/openInterest/operator/doctor/doctor.ts';
import type { AlertFacts } from '../../../../../src/openInterest/operator/doctor/alertFacts.ts';
import type { DoctorFacts } from '../../../../../src/openInterest/operator/doctor/facts.ts';
import type { DoctorStage } from '../../../../../src/openInterest/operator/debug/debug.types.ts';
import type { CollectorState } from '../../../../../src/openInterest/operator/collectors/heartbeats.ts';
import type { RefusedPosts } from '../../../../../src/openInterest/operator/recorder/refusedRequests.ts';

export const NOW = Date.UTC(2026, 10, 20, 14);
export const URL = 'http://127.0.0.1:3001';

/** A healthy system of 343 symbols; `given` replaces whole parts. */
export function theFacts(given: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    now: NOW,
    startedAt: NOW - 7_200_000,
    baseUrl: URL,
    universe: { total: 343, updatedAt: NOW - 120_000 },
    collectors: [aCollector()],
    ingest: theIngest(),
    board: theBoard(),
    stored: { moved: 343, committed: 343 },
    storedFault: null,
    history: {
      hot: {
        days: 4,
        oldest: '2026-11-17',
        newest: '2026-11-20',
        samples: 10_000_000,
        bytes: 2.4e9,
        backlogDays: 0,
      },
      cold: {
        days: 27,
        oldest: '2026-10-21',
        newest: '2026-11-16',
        samples: 80_000_000,
        bytes: 592e6,
        blocks: 222_264,
        payloadBytes: 480e6,
        compactedAt: NOW - 50_400_000,
      },
    },
    database: theDatabase(),
    clocks: { databaseAheadMs: 40, collectors: [], samplesAheadMs: -300 },
    production: false,
    isDraining: false,
    eventLoopMs: 12,
    issuerFault: null,
    alerts: theAlerts(),
    redis: { configured: true, pingMs: 0.4, fault: null },
    broadcast: theBroadcast(),
    ...given,
  };
}

export function theIngest(
  given: Partial<Omit<DoctorFacts['ingest'], 'totals'>> & {
    totals?: Partial<DoctorFacts['ingest']['totals']>;
  } = {},
): DoctorFacts['ingest'] {
  return {
    windowSec: 60,
    lastAcceptedAt: NOW - 2_000,
    lastStoredAt: NOW - 2_000,
    lastRefusal: null,
    lastRejection: null,
    refusedPosts: [],
    ...given,
    totals: {
      chunks: 8,
      refusedChunks: 0,
      received: 686,
      inserted: 686,
      duplicates: 0,
      rejected: 0,
      withoutUsd: 0,
      ...given.totals,
    },
  };
}

/** Posts without a valid key. */
export function refusedPosts(given: Partial<RefusedPosts> = {}): RefusedPosts {
  return {
    status: 401,
    code: 'key_unknown',
    keyId: null,
    address: '10.0.0.5',
    posts: 12,
    since: NOW - 70_000,
    lastAt: NOW - 1_000,
    limit: null,
    ...given,
  };
}

export function theBoard(given: Partial<DoctorFacts['board']> = {}): DoctorFacts['board'] {
  return {
    symbols: 343,
    live: 343,
    late: 0,
    stale: 0,
    unsampled: 0,
    entering: 0,
    withoutUsd: 0,
    silentSince: null,
    example: null,
    pace: { lateMs: 60_000, brokenMs: 180_000 },
    ...given,
  };
}

export function theBroadcast(given: Partial<DoctorFacts['broadcast']> = {}): DoctorFacts['broadcast'] {
  return {
    realtimeEnabled: true,
    seq: 4_182,
    publishedAt: NOW - 1_200,
    waitingSince: null,
    maxWaitMs: 1_000,
    realtimeSockets: 12,
    snapshotSockets: 30,
    ...given,
  };
}

export function aCollector(
  given: Partial<Omit<CollectorState, 'heartbeat'>> & {
    heartbeat?: Partial<CollectorState['heartbeat']>;
  } = {},
): CollectorState {
  return {
    receivedAt: NOW - 4_000,
    ageSec: 4,
    state: 'up',
    ...given,
    heartbeat: {
      collector: 'oi-poller',
      everySec: 10,
      jobs: [{ name: 'poller', state: 'up', ok: 343, failed: 0 }],
      weight: { used: 1_060, limit: 2_400 },
      ...given.heartbeat,
    },
  };
}

export function theAlerts(
  given: Partial<Omit<AlertFacts, 'evaluator'>> & { evaluator?: Partial<AlertFacts['evaluator']> } = {},
): AlertFacts {
  return {
    methodChange: null,
    outbox: { waiting: 0, oldestWaitingMs: null },
    unsentAgo: null,
    failingKinds: [],
    ...given,
    evaluator: {
      enabled: 12,
      total: 14,
      node: 'web-1:4711:9f3c2a10',
      renewedAgo: 1_200,
      evaluatedAgo: 2_100,
      failingAgo: null,
      lastError: null,
      leftOut: 0,
      leftOutAgo: null,
      ...given.evaluator,
    },
  };
}

export function theDatabase(given: Partial<DoctorFacts['database']> = {}): DoctorFacts['database'] {
  return {
    kind: 'external',
    pingMs: 1.2,
    fault: null,
    writeFault: null,
    lock: null,
    usage: null,
    busyPool: null,
    ...given,
  };
}

export function judge(stage: string, given: Partial<DoctorFacts>): DoctorStage {
  const found = diagnose(theFacts(given)).stages.filter((it) => it.stage === stage);
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** The stage that is marked as the cause. */
export function firstOf(given: Partial<DoctorFacts>): string | undefined {
  const marked = diagnose(theFacts(given)).stages.filter((it) => it.first);
  expect(marked.length).toBeLessThanOrEqual(1);
  return marked[0]?.stage;
}
