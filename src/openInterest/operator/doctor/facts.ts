import { SECOND_MS } from '../../../kit/clock.ts';
import { describeError } from '../../../kit/errors.ts';
import type { HistoryTotals } from '../../history/history.types.ts';
import { hotBefore, selectHistoryTotals } from '../../history/totals.ts';
import type { OperatorContext } from '../operator.context.ts';
import { selectStoredState } from '../debug/debug.repository.ts';
import { gatherAlertFacts, type AlertFacts } from './alertFacts.ts';
import { gatherBoardFacts, type BoardFacts } from './boardFacts.ts';
import { gatherDatabaseFacts, type DatabaseFacts } from './databaseFacts.ts';
import { orNull } from '../orNull.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import type { IngestTotals } from '../recorder/ingestLog.ts';
import type { IngestRecord } from '../recorder/ingestRecord.ts';
import type { RefusedPosts } from '../recorder/refusedRequests.ts';

/** All that doctor judges by. */
export type DoctorFacts = {
  now: number;
  startedAt: number;
  isDraining: boolean;
  /** Where curl lines point to. */
  baseUrl: string;
  universe: { total: number; updatedAt: number | null };
  /** `null`: the database did not answer. */
  collectors: readonly CollectorState[] | null;
  ingest: {
    windowSec: number;
    /** Of this node. */
    totals: IngestTotals;
    /** By this node. */
    lastAcceptedAt: number | null;
    /** When any node last moved a stored row, by this node's clock. `null`: never, or not known. */
    lastStoredAt: number | null;
    lastRefusal: { at: number; status: number; reason: string | null; detail: string | null } | null;
    /** The newest refused item of the window, in words, of a chunk that may have been accepted. */
    lastRejection: string | null;
    refusedPosts: readonly RefusedPosts[];
  };
  board: BoardFacts;
  /** Symbols within the window; `null`: the database did not answer. */
  stored: {
    /** Whose stored row moved, whichever node wrote it. */
    moved: number;
    /** Which this node committed as the newest. */
    committed: number;
  } | null;
  /** Why `stored` cannot be read. */
  storedFault: string | null;
  /** The contents of both tiers; `null`: the database did not answer. */
  history: HistoryTotals | null;
  database: DatabaseFacts;
  production: boolean;
  /** The longest pause of this process in the last half minute. */
  eventLoopMs: number;
  /** The token issuer's keys cannot be fetched. */
  issuerFault: { since: number; at: number; reason: string } | null;
  /** A text: why they cannot be read. */
  alerts: AlertFacts | string;
  redis: { configured: boolean; pingMs: number | null; fault: string | null };
  clocks: ClockFacts;
  broadcast: {
    realtimeEnabled: boolean;
    seq: number;
    publishedAt: number | null;
    /** Since when a change waits to be published; `null`: none does. */
    waitingSince: number | null;
    /** The longest that a change waits by the settings. */
    maxWaitMs: number;
    realtimeSockets: number;
    snapshotSockets: number;
  };
};

/** How far other clocks are ahead of this node's, ms. `null`: not known. */
export type ClockFacts = {
  databaseAheadMs: number | null;
  /** As each collector's beat says; `exchangeAheadMs` is measured by the collector, against its own clock. */
  collectors: readonly { name: string; aheadMs: number | null; exchangeAheadMs: number | null }[];
  /** The time of the newest sample in the last chunks, refused ones among them, against their receipt. */
  samplesAheadMs: number | null;
};

/** Pollers post in sweeps of 5 to 30 s, or continuously, so a minute has every symbol. */
const WINDOW_SEC = 60;
/** A row that was committed at the window's edge may have been stamped just before it. */
const EDGE_MS = 5 * SECOND_MS;

/** Gathers what doctor judges. A database that does not answer is a finding, not a failure. */
export async function gatherDoctorFacts(ctx: OperatorContext, baseUrl: string): Promise<DoctorFacts> {
  const { clock, recorder, universe, board, heartbeats } = ctx;
  const { ingestLog } = recorder;
  const [database, collectors, read, history, redis, alerts] = await Promise.all([
    gatherDatabaseFacts(ctx),
    heartbeats.selectAll().catch(() => heartbeats.receivedHere()),
    selectStoredState(ctx.db, WINDOW_SEC).catch((thrown: unknown) => describeError(thrown)),
    orNull(selectHistoryTotals(ctx.db, hotBefore(ctx.settings, clock.now()))),
    ctx.redisHealth?.look() ?? { pingMs: null, fault: null },
    gatherAlertFacts(ctx).catch((thrown: unknown) => describeError(thrown)),
  ]);
  const stored = typeof read === 'string' ? null : read;
  const now = clock.now();
  const since = now - WINDOW_SEC * SECOND_MS;
  const lastRefused = ingestLog.lastRefused();
  const databaseAheadMs = stored && Math.round(stored.now - now);
  return {
    now,
    startedAt: ctx.startedAt,
    isDraining: ctx.isDraining(),
    baseUrl,
    universe: {
      total: universe.members().length,
      updatedAt: universe.state()?.updatedAt.getTime() ?? null,
    },
    collectors,
    ingest: {
      windowSec: WINDOW_SEC,
      totals: ingestLog.totalsSince(since),
      lastAcceptedAt: ingestLog.lastAcceptedAt(),
      lastStoredAt: stored?.newestAgeMs == null ? null : now - stored.newestAgeMs,
      lastRefusal: lastRefused && {
        at: lastRefused.at,
        status: lastRefused.status,
        reason: lastRefused.reason,
        detail: describeRejection(lastRefused),
      },
      lastRejection: describeRejection(ingestLog.lastRejected(since)),
      refusedPosts: recorder.requests.refusedSince(since),
    },
    board: gatherBoardFacts(board, universe, now, ctx.startedAt),
    stored: stored && {
      moved: stored.symbols,
      committed: recorder.stepTimes.countSince('committed', since + EDGE_MS),
    },
    storedFault: typeof read === 'string' ? read : null,
    history,
    database,
    production: ctx.production,
    eventLoopMs: ctx.eventLoop.longestMs(),
    issuerFault: ctx.issuerFault(),
    alerts,
    redis: { configured: ctx.redisHealth !== null, ...redis },
    clocks: describeClocks(collectors ?? [], databaseAheadMs, ingestLog.samplesAheadMs(since)),
    broadcast: describeBroadcast(ctx),
  };
}

function describeBroadcast({
  settings,
  board,
  window,
  publisher,
}: OperatorContext): DoctorFacts['broadcast'] {
  const sockets = publisher.audienceSizes();
  return {
    realtimeEnabled: settings.realtimeEnabled,
    seq: board.seq(),
    publishedAt: window.lastPublishedAt(),
    waitingSince: window.waitingSince(),
    maxWaitMs: settings.broadcastMaxWaitMs,
    realtimeSockets: sockets.realtime,
    snapshotSockets: sockets.snapshot + sockets.snapshotAll,
  };
}

function describeRejection(record: IngestRecord | null): string | null {
  const [first] = record?.refusals ?? [];
  return first ? `${first.code}: ${first.message}` : null;
}

/** A beat was stored with the database's time and sent with the collector's, so the two compare whichever node took it. */
function describeClocks(
  collectors: readonly CollectorState[],
  databaseAheadMs: number | null,
  samplesAheadMs: number | null,
): ClockFacts {
  return {
    databaseAheadMs,
    samplesAheadMs,
    collectors: collectors
      .filter((it) => it.state === 'up')
      .map(({ heartbeat, receivedAt }) => ({
        name: heartbeat.collector,
        aheadMs:
          heartbeat.sentAt === undefined || databaseAheadMs === null
            ? null
            : heartbeat.sentAt - receivedAt + databaseAheadMs,
        exchangeAheadMs: heartbeat.clocks?.exchangeAheadMs ?? null,
      })),
  };
}
