import { formatAge, formatCount } from '../kit/format.shared.ts';
import type { CollectorState } from './openInterest.heartbeats.ts';
import type { IngestTotals } from './openInterest.ingestLog.ts';

/** Pure: what an operator is told when asking "is open interest flowing, and if not, where does it stop?" */

export type StageState = 'ok' | 'WAITING' | 'LATE' | 'DEGRADED' | 'BROKEN';

export type Stage = {
  stage: string;
  finding: string;
  state: StageState;
  /** What to do next; only where something is wrong. */
  next?: string;
};

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
  redis: { configured: boolean; pingMs: number | null };
  broadcast: {
    realtimeEnabled: boolean;
    seq: number;
    publishedAt: number | null;
    realtimeSockets: number;
    snapshotSockets: number;
  };
};

/** The universe job runs every 5 min. */
const UNIVERSE_LATE_MS = 15 * 60_000;
const SILENCE_LATE_MS = 60_000;
const SILENCE_BROKEN_MS = 180_000;

export function diagnose(facts: DoctorFacts): { healthy: boolean; stages: Stage[] } {
  const stages = [
    judgeDatabase(facts),
    judgeRedis(facts),
    judgeUniverse(facts),
    ...judgeCollectors(facts),
    judgeIngest(facts),
    judgeBoard(facts),
    judgeStored(facts),
    judgeBroadcast(facts),
  ];
  return { healthy: stages.every((it) => it.state === 'ok'), stages };
}

/** One line a stage; the first broken one says so and how to look further. */
export function renderDoctor(stages: readonly Stage[]): string {
  const first = stages.find((it) => it.state !== 'ok');
  const lines = stages.map((it) => {
    const line = `${it.stage.padEnd(12)} ${it.finding.padEnd(66)} ${it.state}`;
    if (it.state === 'ok') return line;
    return `${line}  ${it === first ? 'first to look at: ' : ''}${it.next ?? ''}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

function judgeDatabase({ database }: DoctorFacts): Stage {
  const kind = database.kind === 'embedded' ? 'embedded Postgres' : 'Postgres';
  if (database.pingMs === null) {
    return {
      stage: 'database',
      finding: `${kind} does not answer; ingest answers 503 and nothing is lost`,
      state: 'BROKEN',
      next: 'start Postgres, then check DATABASE_URL and its log',
    };
  }
  return { stage: 'database', finding: `${kind} answers in ${database.pingMs} ms`, state: 'ok' };
}

function judgeRedis({ redis }: DoctorFacts): Stage {
  if (!redis.configured)
    return { stage: 'redis', finding: 'not configured; this node works alone', state: 'ok' };
  if (redis.pingMs === null) {
    return {
      stage: 'redis',
      finding: 'does not answer; nodes repair from Postgres every 10s',
      state: 'DEGRADED',
      next: 'start Redis, then check REDIS_URL',
    };
  }
  return { stage: 'redis', finding: `answers in ${redis.pingMs} ms`, state: 'ok' };
}

function judgeUniverse({ universe, now, baseUrl }: DoctorFacts): Stage {
  const next = `run the liquid universe job; curl ${baseUrl}/api/market/open-interest/liquid-universe`;
  if (universe.total === 0 || universe.updatedAt === null) {
    return { stage: 'universe', finding: 'no symbols yet', state: 'WAITING', next };
  }
  const ageMs = now - universe.updatedAt;
  return {
    stage: 'universe',
    finding: `${formatCount(universe.total)} symbols, updated ${formatAge(ageMs)} ago`,
    ...(ageMs > UNIVERSE_LATE_MS ? { state: 'LATE' as const, next } : { state: 'ok' as const }),
  };
}

function judgeCollectors(facts: DoctorFacts): Stage[] {
  const { collectors, ingest, now } = facts;
  if (collectors === null) {
    return [
      { stage: 'collector', finding: 'heartbeats cannot be read', state: 'DEGRADED', next: 'see database' },
    ];
  }
  if (collectors.length > 0) return collectors.map((it) => judgeCollector(it, now));
  // The original's pollers say nothing of themselves; that they post is all there is to know.
  const { lastAcceptedAt } = ingest;
  if (lastAcceptedAt === null) {
    return [
      {
        stage: 'collector',
        finding: 'no heartbeat and no chunk yet',
        state: 'WAITING',
        next: 'start a collector, or point the poller at this server',
      },
    ];
  }
  const age = `last chunk ${formatAge(now - lastAcceptedAt)} ago`;
  const silent = now - lastAcceptedAt > SILENCE_LATE_MS;
  return [
    {
      stage: 'collector',
      finding: `no heartbeat, inferred from ingest: ${age}`,
      ...(silent
        ? { state: 'LATE' as const, next: 'look at the poller: is it running, does it get 401 or 429?' }
        : { state: 'ok' as const }),
    },
  ];
}

function judgeCollector({ heartbeat, state, ageSec }: CollectorState, now: number): Stage {
  const { weight, spool, bannedUntil } = heartbeat;
  const troubled = heartbeat.jobs.filter((job) => job.state === 'slow' || job.state === 'down');
  const finding = [
    `${heartbeat.collector} beat ${formatAge(ageSec * 1_000)} ago`,
    weight ? `weight ${formatCount(weight.used)}/${formatCount(weight.limit)}` : 'weight not reported',
    ...(spool && spool.chunks > 0 ? [`${formatCount(spool.chunks)} chunks spooled`] : []),
    ...troubled.map((job) => `${job.name} ${job.state}${job.note ? ` (${job.note})` : ''}`),
  ].join(', ');
  if (bannedUntil && bannedUntil > now) {
    return {
      stage: 'collector',
      finding: `${finding}, banned by the exchange for ${formatAge(bannedUntil - now)}`,
      state: 'BROKEN',
      next: 'wait; it starts again by itself. Lower OI_MAX_REQ_PER_MIN if it comes back',
    };
  }
  if (state === 'down') {
    return { stage: 'collector', finding, state: 'BROKEN', next: 'start the collector and read its log' };
  }
  if (state === 'slow')
    return { stage: 'collector', finding, state: 'LATE', next: 'read the log of the collector' };
  if (troubled.length > 0) {
    return { stage: 'collector', finding, state: 'DEGRADED', next: 'read the log of the collector' };
  }
  return { stage: 'collector', finding, state: 'ok' };
}

function judgeIngest({ ingest, now, startedAt, baseUrl }: DoctorFacts): Stage {
  const { totals, lastAcceptedAt, lastRefusal, windowSec } = ingest;
  const next = `curl ${baseUrl}/api/market/open-interest/debug`;
  if (lastAcceptedAt === null) {
    const refusal = lastRefusal
      ? `, last refused with ${lastRefusal.status} ${lastRefusal.reason ?? ''}`.trimEnd()
      : '';
    return {
      stage: 'ingest',
      finding: `no chunk accepted since the start ${formatAge(now - startedAt)} ago${refusal}`,
      state: lastRefusal ? 'BROKEN' : 'WAITING',
      next,
    };
  }
  const silenceMs = now - lastAcceptedAt;
  const accepted = totals.inserted + totals.duplicates;
  const finding = [
    `${totals.chunks - totals.refusedChunks}/${totals.chunks} chunks in ${windowSec}s`,
    `${formatCount(totals.received)} received`,
    `${formatCount(accepted)} accepted`,
    ...(totals.rejected > 0 ? [`${formatCount(totals.rejected)} refused`] : []),
  ].join(', ');
  if (silenceMs > SILENCE_LATE_MS) {
    return {
      stage: 'ingest',
      finding: `no chunk accepted for ${formatAge(silenceMs)}`,
      state: silenceMs > SILENCE_BROKEN_MS ? 'BROKEN' : 'LATE',
      next,
    };
  }
  if (totals.refusedChunks > 0 || totals.rejected > 0) {
    return { stage: 'ingest', finding, state: 'DEGRADED', next };
  }
  return { stage: 'ingest', finding, state: 'ok' };
}

function judgeBoard({ board, universe, now, baseUrl }: DoctorFacts): Stage {
  const total = Math.max(universe.total, board.symbols);
  if (board.symbols === 0) {
    return {
      stage: 'board',
      finding: 'empty: no sample has been received',
      state: 'WAITING',
      next: 'see ingest',
    };
  }
  const missing = total - board.live;
  const finding = [
    `${formatCount(board.live)} of ${formatCount(total)} symbols live`,
    ...(missing > 0 && board.silentSince !== null
      ? [`${formatCount(missing)} not seen since ${new Date(board.silentSince).toISOString().slice(11, 19)}`]
      : []),
    ...(board.unsampled > 0 ? [`${formatCount(board.unsampled)} never sampled`] : []),
    ...(board.withoutUsd > 0 ? [`${formatCount(board.withoutUsd)} without USD (no mark price)`] : []),
  ].join(', ');
  const next = `curl ${baseUrl}/debug/trace/${encodeURIComponent(board.example ?? 'BTCUSDT')}`;
  if (missing > total * 0.1) return { stage: 'board', finding, state: 'BROKEN', next };
  if (missing > 0) {
    const newest = board.silentSince === null ? '' : ` (${formatAge(now - board.silentSince)})`;
    return { stage: 'board', finding: finding + newest, state: 'LATE', next };
  }
  if (board.withoutUsd > 0) {
    return { stage: 'board', finding, state: 'DEGRADED', next: 'look at the mark prices of the collector' };
  }
  return { stage: 'board', finding, state: 'ok' };
}

function judgeStored({ storedSymbols, ingest, board, baseUrl }: DoctorFacts): Stage {
  if (storedSymbols === null) {
    return { stage: 'stored', finding: 'cannot be read', state: 'BROKEN', next: 'see database' };
  }
  const finding = `${formatCount(storedSymbols)} symbols moved in ${ingest.windowSec}s, ${formatCount(ingest.totals.inserted)} rows by this node`;
  if (board.symbols === 0) return { stage: 'stored', finding, state: 'WAITING', next: 'see ingest' };
  if (ingest.totals.inserted > 0 && storedSymbols < Math.min(board.live, board.symbols) * 0.9) {
    return {
      stage: 'stored',
      finding,
      state: 'BROKEN',
      next: `curl ${baseUrl}/api/market/open-interest/debug`,
    };
  }
  return { stage: 'stored', finding, state: 'ok' };
}

function judgeBroadcast({ broadcast, ingest, now }: DoctorFacts): Stage {
  const sockets = `${formatCount(broadcast.realtimeSockets)} sockets in realtime, ${formatCount(broadcast.snapshotSockets)} in snapshot`;
  if (!broadcast.realtimeEnabled) {
    return {
      stage: 'broadcast',
      finding: `realtime is switched off (shadow mode), ${sockets}`,
      state: 'ok',
    };
  }
  if (broadcast.publishedAt === null) {
    return {
      stage: 'broadcast',
      finding: `nothing published yet, ${sockets}`,
      state: 'WAITING',
      next: 'see ingest',
    };
  }
  const ageMs = now - broadcast.publishedAt;
  const finding = `seq ${broadcast.seq}, ${(ageMs / 1_000).toFixed(1)}s ago, ${sockets}`;
  const behind =
    ingest.lastAcceptedAt !== null && ingest.lastAcceptedAt - broadcast.publishedAt > SILENCE_LATE_MS;
  if (behind)
    return {
      stage: 'broadcast',
      finding,
      state: 'BROKEN',
      next: 'chunks arrive and are not published: restart the node',
    };
  if (ageMs > SILENCE_LATE_MS) return { stage: 'broadcast', finding, state: 'LATE', next: 'see ingest' };
  return { stage: 'broadcast', finding, state: 'ok' };
}
