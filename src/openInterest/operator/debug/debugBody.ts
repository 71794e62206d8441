import { DAY_MS, MINUTE_MS } from '../../../kit/clock.ts';
import { selectAlerts } from '../../alerts/alerts.repository.ts';
import type { Beats } from '../collectors/beats.ts';
import { describeCollectors, selectPolled, selectWeight } from '../collectors/collectorViews.ts';
import { selectJournalCounts, selectStoredAt } from './debug.repository.ts';
import type { DebugBody, SocketTrafficView, UniverseMemberView } from './debug.types.ts';
import { diagnose } from '../doctor/doctor.ts';
import { gatherDoctorFacts, type DoctorFacts, type DoctorFactsDeps } from '../doctor/facts.ts';
import { freshnessOf, modeOfSource } from '../../board/freshness.shared.ts';
import { selectJournal } from '../../universe/universe.repository.ts';
import { orNull } from '../orNull.ts';
import type { SampleStep } from '../recorder/stepTimes.ts';
import {
  ASSUMED_PASSAGE,
  computePipeline,
  firstMissingStage,
  type PipelineFacts,
  type SymbolPassage,
} from '../recorder/pipeline.ts';
import type { Silences } from '../outages/outages.ts';

export type DebugBodyDeps = DoctorFactsDeps & {
  version: string;
  beats: Beats;
  silences: Silences;
  socketTraffic: () => Omit<SocketTrafficView, 'clients'>;
};

/** Several pages may watch, and each poll costs a few queries. */
const DEBUG_EVERY_SEC = 5;
const REQUESTS = 50;
const ALERTS = 20;
const JOURNAL = 50;
/** Below this share of the exit threshold above it, a symbol is about to leave. */
const NEAR_EXIT = 1.2;

/** Everything of the operator's page. A database that does not answer leaves holes that say so, and fails nothing. */
export async function gatherDebugBody(deps: DebugBodyDeps, baseUrl: string): Promise<DebugBody> {
  const { db, board, universe, recorder } = deps;
  const { ingestLog, ingestRates, requests } = recorder;
  const symbols = universe.members().map((it) => it.symbol);
  const facts = await gatherDoctorFacts(deps, baseUrl);
  const { now } = facts;
  const [storedAt, journal, last24h, alerts] = await Promise.all([
    orNull(selectStoredAt(db, symbols)),
    orNull(selectJournal(db, { symbol: null, limit: JOURNAL })),
    orNull(selectJournalCounts(db, new Date(now - DAY_MS))),
    orNull(selectAlerts(db, { ...NO_FILTER, limit: ALERTS })),
  ]);
  const pipeline: PipelineFacts = {
    now,
    passages: symbols.map((symbol) => passageOf(symbol, deps, storedAt)),
    polled: facts.collectors && selectPolled(facts.collectors, symbols.length),
    storedKnown: storedAt !== null,
    realtimeEnabled: deps.realtimeEnabled,
    clients: facts.broadcast.realtimeSockets,
  };
  const diagnosis = diagnose(facts);
  const thresholds = universe.state();
  const last5Min = ingestRates.totalBetween(now - 5 * MINUTE_MS, now);
  const [lastBatch] = ingestLog.last(REQUESTS).filter((it) => it.status === 200);

  return {
    serverTime: now,
    debugEverySec: DEBUG_EVERY_SEC,
    version: deps.version,
    startedAt: deps.startedAt,
    epoch: board.epoch,
    seq: board.seq(),
    ...diagnosis,
    pipeline: computePipeline(pipeline),
    rates: {
      samplesPerSec: ingestRates.totalBetween(now - MINUTE_MS, now).accepted / 60,
      last5Min: {
        requests: last5Min.requests,
        errors: last5Min.errors,
        rejectedItems: last5Min.rejectedItems,
      },
      postToBroadcastMs: recorder.publishDelays.percentilesSince(now - 10 * MINUTE_MS),
      lastBatch: lastBatch
        ? {
            at: lastBatch.at,
            source: lastBatch.source,
            accepted: lastBatch.inserted + lastBatch.duplicates,
            received: lastBatch.received,
          }
        : null,
    },
    weight: facts.collectors && selectWeight(facts.collectors),
    collectors: describeCollectorsOf(deps, facts),
    ingest: [...ingestLog.last(REQUESTS), ...requests.lastChunks()]
      .toSorted((a, b) => b.at - a.at)
      .slice(0, REQUESTS)
      .map(({ aheadMs: _aheadMs, ...it }) => ({ ...it, refusals: [...it.refusals] })),
    universe: {
      ...facts.universe,
      thresholds: thresholds && { enter: thresholds.enterThreshold, exit: thresholds.exitThreshold },
      last24h,
      members: universe
        .members()
        .map((member, i) => describeMember(member, pipeline.passages[i]!, deps, pipeline)),
      journal,
    },
    gaps: deps.silences.list(now),
    sockets: { clients: deps.publisher.audienceSizes(), ...deps.socketTraffic() },
    server: {
      realtimeEnabled: deps.realtimeEnabled,
      database: { kind: facts.database.kind, pingMs: facts.database.pingMs },
      redis: { configured: facts.redis.configured, pingMs: facts.redis.pingMs },
    },
    alerts,
  };
}

const NO_FILTER = { symbol: null, direction: null, timeframe: null, since: null, before: null, offset: 0 };

function passageOf(
  symbol: string,
  { board, recorder: { stepTimes } }: DebugBodyDeps,
  storedAt: ReadonlyMap<string, number> | null,
): SymbolPassage {
  const row = board.get(symbol)?.row;
  const { everySec, source } = row ?? ASSUMED_PASSAGE;
  // What this node read when it started was posted and shown before it, at about the time of the sample. Of what was
  // posted since, every stage has to be seen.
  const before = stepTimes.lastOf(symbol, 'posted') === null ? (row?.ts ?? null) : null;
  const lastOf = (step: SampleStep) => stepTimes.lastOf(symbol, step) ?? before;
  return {
    symbol,
    everySec,
    source,
    posted: lastOf('posted'),
    accepted: lastOf('accepted'),
    stored: storedAt?.get(symbol) ?? null,
    broadcast: lastOf('broadcast'),
  };
}

function describeMember(
  member: { symbol: string; quoteVolume24h: number; enteredAt: Date },
  passage: SymbolPassage,
  { board, universe }: DebugBodyDeps,
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
    missingAt: firstMissingStage(passage, pipeline),
  };
}

function describeCollectorsOf(deps: DebugBodyDeps, facts: DoctorFacts): DebugBody['collectors'] {
  const { board, universe, beats, recorder } = deps;
  if (facts.collectors === null) return null;
  const paces = Array.from(board.entries(), ({ row }) => row)
    .filter((row) => row.source === 'realtime' && universe.has(row.symbol))
    .map((row) => row.everySec)
    .toSorted((a, b) => a - b);
  return describeCollectors({
    now: facts.now,
    states: facts.collectors,
    beats,
    ingestRates: recorder.ingestRates,
    lastAcceptedAt: facts.ingest.lastAcceptedAt,
    usualEverySec: paces[Math.floor(paces.length / 2)] ?? null,
    universeUpdatedAt: facts.universe.updatedAt,
  });
}
