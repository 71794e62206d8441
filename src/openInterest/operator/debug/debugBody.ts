import { DAY_MS, MINUTE_MS } from '../../../kit/clock.ts';
import { selectAlerts } from '../../alerts/alerts.repository.ts';
import { freshnessOf, modeOfSource } from '../../board/freshness.shared.ts';
import { selectJournal } from '../../universe/universe.repository.ts';
import { describeCollectors, selectWeight } from '../collectors/collectorViews.ts';
import { diagnose } from '../doctor/doctor.ts';
import { gatherDoctorFacts, type DoctorFacts } from '../doctor/facts.ts';
import type { OperatorContext } from '../operator.context.ts';
import { orNull } from '../orNull.ts';
import {
  computePipeline,
  firstMissingStage,
  type PipelineFacts,
  type SymbolProgress,
} from '../recorder/pipeline.ts';
import { selectJournalCounts, selectStoredAt } from './debug.repository.ts';
import type { DebugBody, UniverseMemberView } from './debug.types.ts';
import { gatherPipelineFacts } from './pipelineFacts.ts';

/** Several pages may poll, and each answer costs a few queries. */
const DEBUG_EVERY_SEC = 5;
const REQUESTS = 50;
const ALERTS = 20;
const JOURNAL = 50;
/** A symbol whose volume is below this multiple of the exit threshold may leave soon. */
const NEAR_EXIT = 1.2;
const NO_FILTER = { symbol: null, direction: null, timeframe: null, since: null, before: null, offset: 0 };

/** Everything that the operator's page shows. Where the database does not answer, the body has `null` and says so. */
export async function gatherDebugBody(ctx: OperatorContext, baseUrl: string): Promise<DebugBody> {
  const { db, board, universe } = ctx;
  const symbols = universe.members().map((it) => it.symbol);
  const facts = await gatherDoctorFacts(ctx, baseUrl);
  const { now } = facts;
  const [storedAt, journal, last24h, alerts] = await Promise.all([
    orNull(selectStoredAt(db, symbols)),
    orNull(selectJournal(db, { symbol: null, limit: JOURNAL })),
    orNull(selectJournalCounts(db, new Date(now - DAY_MS))),
    orNull(selectAlerts(db, { ...NO_FILTER, limit: ALERTS })),
  ]);
  const pipeline = gatherPipelineFacts(ctx, facts, storedAt);
  const thresholds = universe.state();

  return {
    serverTime: now,
    debugEverySec: DEBUG_EVERY_SEC,
    version: ctx.version,
    startedAt: ctx.startedAt,
    epoch: board.epoch,
    seq: board.seq(),
    ...diagnose(facts),
    pipeline: computePipeline(pipeline),
    rates: describeRates(ctx, now),
    weight: facts.collectors && selectWeight(facts.collectors),
    collectors: describeKnownCollectors(ctx, facts),
    ingest: listRequests(ctx),
    universe: {
      ...facts.universe,
      thresholds: thresholds && { enter: thresholds.enterThreshold, exit: thresholds.exitThreshold },
      last24h,
      members: universe.members().map((it, i) => describeMember(ctx, it, pipeline.progress[i]!, pipeline)),
      journal,
    },
    history: facts.history,
    gaps: ctx.outages.list(now),
    sockets: { clients: ctx.publisher.audienceSizes(), ...ctx.publisher.traffic() },
    server: {
      realtimeEnabled: ctx.settings.realtimeEnabled,
      database: { kind: facts.database.kind, pingMs: facts.database.pingMs },
      redis: { configured: facts.redis.configured, pingMs: facts.redis.pingMs },
    },
    alerts,
  };
}

function describeRates({ recorder }: OperatorContext, now: number): DebugBody['rates'] {
  const { ingestLog, ingestRates, publishDelays } = recorder;
  const { accepted: _accepted, ...last5Min } = ingestRates.totalBetween(now - 5 * MINUTE_MS, now);
  const lastBatch = ingestLog.last(REQUESTS).find((it) => it.status === 200);
  return {
    samplesPerSec: ingestRates.totalBetween(now - MINUTE_MS, now).accepted / 60,
    last5Min,
    postToBroadcastMs: publishDelays.percentilesSince(now - 10 * MINUTE_MS),
    lastBatch: lastBatch
      ? {
          at: lastBatch.at,
          source: lastBatch.source,
          accepted: lastBatch.inserted + lastBatch.duplicates,
          received: lastBatch.received,
        }
      : null,
  };
}

/** The last requests with a chunk, those included that were refused before ingest parsed them. */
function listRequests({ recorder: { ingestLog, requests } }: OperatorContext): DebugBody['ingest'] {
  return [...ingestLog.last(REQUESTS), ...requests.lastChunks()]
    .toSorted((a, b) => b.at - a.at)
    .slice(0, REQUESTS)
    .map(({ aheadMs: _aheadMs, ...it }) => it);
}

function describeMember(
  { board, universe }: OperatorContext,
  member: { symbol: string; quoteVolume24h: number; enteredAt: Date },
  progress: SymbolProgress,
  pipeline: PipelineFacts,
): UniverseMemberView {
  const row = board.get(member.symbol)?.row;
  const exit = universe.state()?.exitThreshold;
  return {
    symbol: member.symbol,
    quoteVolume24h: member.quoteVolume24h,
    enteredAt: member.enteredAt.getTime(),
    everySec: row?.everySec ?? null,
    ts: row?.ts ?? null,
    state: row
      ? freshnessOf((pipeline.now - row.ts) / 1_000, row.everySec, modeOfSource(row.source))
      : 'unsampled',
    nearExit: exit !== undefined && member.quoteVolume24h < exit * NEAR_EXIT,
    missingAt: firstMissingStage(progress, pipeline),
  };
}

function describeKnownCollectors(
  { board, universe, heartbeatHistory, recorder }: OperatorContext,
  facts: DoctorFacts,
): DebugBody['collectors'] {
  if (facts.collectors === null) return null;
  const paces = Array.from(board.entries(), ({ row }) => row)
    .filter((row) => row.source === 'realtime' && universe.has(row.symbol))
    .map((row) => row.everySec)
    .toSorted((a, b) => a - b);
  return describeCollectors({
    now: facts.now,
    states: facts.collectors,
    heartbeatHistory,
    ingestRates: recorder.ingestRates,
    lastAcceptedAt: facts.ingest.lastAcceptedAt,
    usualEverySec: paces[Math.floor(paces.length / 2)] ?? null,
    universeUpdatedAt: facts.universe.updatedAt,
  });
}
