import type { Clock } from '../kit/clock.ts';
import type { Queryable } from '../platform/postgres.ts';
import type { Board } from './openInterest.board.ts';
import type { Broadcast } from './openInterest.broadcast.ts';
import { freshnessOf, modeOfSource } from './openInterest.freshness.shared.ts';
import type { CollectorState, Heartbeats } from './openInterest.heartbeats.ts';
import type { IngestLog, IngestTotals } from './openInterest.ingestLog.ts';
import { orNull } from './openInterest.orNull.ts';
import type { Publisher } from './openInterest.publisher.types.ts';
import { selectStoredSymbols } from './openInterest.snapshots.repository.ts';
import type { Universe } from './openInterest.universe.ts';

/** All that doctor judges by. */
export type DoctorFacts = {
  now: number;
  startedAt: number;
  /** Where curl lines point to. */
  baseUrl: string;
  universe: { total: number; updatedAt: number | null };
  /** `null`: the database did not answer. */
  collectors: readonly CollectorState[] | null;
  ingest: {
    windowSec: number;
    totals: IngestTotals;
    lastAcceptedAt: number | null;
    lastRefusal: { at: number; status: number; reason: string | null } | null;
  };
  board: {
    symbols: number;
    live: number;
    late: number;
    stale: number;
    /** Members of the universe that have never been sampled. */
    unsampled: number;
    withoutUsd: number;
    /** Epoch ms of the newest sample among those that are not live. */
    silentSince: number | null;
    example: string | null;
  };
  /** Symbols whose stored row moved within the window; `null`: the database did not answer. */
  storedSymbols: number | null;
  database: { kind: 'embedded' | 'external'; pingMs: number | null };
  production: boolean;
  redis: { configured: boolean; pingMs: number | null };
  broadcast: {
    realtimeEnabled: boolean;
    seq: number;
    publishedAt: number | null;
    /** Since when a change waits to be published; `null`: none does. */
    waitingSince: number | null;
    realtimeSockets: number;
    snapshotSockets: number;
  };
};

export type DoctorFactsDeps = {
  db: Queryable;
  clock: Clock;
  startedAt: number;
  board: Board;
  universe: Universe;
  heartbeats: Heartbeats;
  ingestLog: IngestLog;
  broadcast: Broadcast;
  publisher: Publisher;
  realtimeEnabled: boolean;
  databaseKind: 'embedded' | 'external';
  production: boolean;
  /** `null`: Redis is not configured. Answers in ms, or throws. */
  pingRedis: (() => Promise<number>) | null;
};

/** Looked at as one: the last minute. Pollers post in sweeps of 5 to 30 s, or all the time. */
const WINDOW_SEC = 60;

/** Gathers what doctor judges. A database that does not answer is a finding, not a failure. */
export async function gatherDoctorFacts(deps: DoctorFactsDeps, baseUrl: string): Promise<DoctorFacts> {
  const { clock, ingestLog, universe, board, broadcast, publisher } = deps;
  const now = clock.now();
  const [pingMs, collectors, storedSymbols, redisPingMs] = await Promise.all([
    orNull(pingDatabase(deps.db)),
    orNull(deps.heartbeats.selectAll()),
    orNull(selectStoredSymbols(deps.db, WINDOW_SEC)),
    deps.pingRedis ? orNull(deps.pingRedis()) : Promise.resolve(null),
  ]);
  const lastRefused = ingestLog.lastRefused();
  const sockets = publisher.audienceSizes();
  return {
    now,
    startedAt: deps.startedAt,
    baseUrl,
    universe: {
      total: universe.members().length,
      updatedAt: universe.state()?.updatedAt.getTime() ?? null,
    },
    collectors,
    ingest: {
      windowSec: WINDOW_SEC,
      totals: ingestLog.totalsSince(now - WINDOW_SEC * 1_000),
      lastAcceptedAt: ingestLog.lastAcceptedAt(),
      lastRefusal: lastRefused && {
        at: lastRefused.at,
        status: lastRefused.status,
        reason: lastRefused.reason,
      },
    },
    board: describeBoard(board, universe, now),
    storedSymbols,
    database: { kind: deps.databaseKind, pingMs },
    production: deps.production,
    redis: { configured: deps.pingRedis !== null, pingMs: redisPingMs },
    broadcast: {
      realtimeEnabled: deps.realtimeEnabled,
      seq: board.seq(),
      publishedAt: broadcast.lastPublishedAt(),
      waitingSince: broadcast.waitingSince(),
      realtimeSockets: sockets.realtime,
      snapshotSockets: sockets.snapshot + sockets.snapshotAll,
    },
  };
}

/**
 * Counts the symbols that should be live: members of the universe, or everything on the board while there is no universe.
 * A symbol that has left the universe is no longer polled and its silence is not a fault.
 */
function describeBoard(board: Board, universe: Universe, now: number): DoctorFacts['board'] {
  const counts = { live: 0, late: 0, stale: 0 };
  let symbols = 0;
  let withoutUsd = 0;
  let silentSince: number | null = null;
  let example: string | null = null;
  const hasUniverse = universe.members().length > 0;
  for (const { row } of board.entries()) {
    if (hasUniverse && !universe.has(row.symbol)) continue;
    symbols += 1;
    const freshness = freshnessOf((now - row.ts) / 1_000, row.everySec, modeOfSource(row.source));
    counts[freshness] += 1;
    if (row.openInterestUsd === null) withoutUsd += 1;
    if (freshness === 'live') continue;
    if (silentSince === null || row.ts > silentSince) silentSince = row.ts;
    example ??= row.symbol;
  }
  const unsampled = universe.members().filter((it) => !board.get(it.symbol));
  return {
    symbols,
    ...counts,
    unsampled: unsampled.length,
    withoutUsd,
    silentSince,
    example: example ?? unsampled[0]?.symbol ?? null,
  };
}

async function pingDatabase(db: Queryable): Promise<number> {
  const startedAt = performance.now();
  await db.query('select 1');
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
