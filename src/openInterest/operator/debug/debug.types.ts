import { z } from 'zod';
import { SocketTrafficView } from '../../board/publisher.types.ts';
import { HistoryTotals } from '../../history/history.types.ts';
import { OpenInterestAlert } from '../../openInterest.types.ts';
import { UniverseChangeView } from '../../universe/universe.types.ts';

/**
 * `GET /api/market/open-interest/debug`: everything the operator's page shows, in one answer. Times are epoch ms unless a
 * field says ISO. `null` is "not known" or "not reported", never 0. No key and no body is in it.
 */

/** Where a sample passes on its way, in order. */
const PipelineStage = z.enum(['universe', 'polled', 'posted', 'accepted', 'stored', 'broadcast', 'clients']);
type PipelineStage = z.infer<typeof PipelineStage>;

/** A stage at which a symbol of the universe can be missing. */
export const SymbolStage = PipelineStage.extract(['posted', 'accepted', 'stored', 'broadcast']);
export type SymbolStage = z.infer<typeof SymbolStage>;

export const PipelineStep = z.object({
  stage: PipelineStage,
  /** Symbols of the universe that got this far in the last full cycle; for `clients`, connections. */
  count: z.number().nullable(),
  /** Counted by this node, reported by a collector, or inferred from the next stage. */
  how: z.enum(['counted', 'reported', 'inferred']),
  /** Symbols that got to the stage before and not to this one. */
  missing: z.number(),
  /** When the last of the missing symbols was seen here; `null`: nothing is missing, or it never was. */
  since: z.number().nullable(),
  /** Why there is no count, or what it leaves out. */
  note: z.string().nullable(),
});
export type PipelineStep = z.infer<typeof PipelineStep>;

export const Health = z.object({
  word: z.enum(['healthy', 'waiting', 'degraded', 'broken']),
  /** What is wrong, in a few words. `null`: nothing. */
  sentence: z.string().nullable(),
});
export type Health = z.infer<typeof Health>;

/** What doctor finds at one stage of the flow. */
export const DoctorStage = z.object({
  stage: z.string(),
  finding: z.string(),
  state: z.enum(['ok', 'WAITING', 'LATE', 'DEGRADED', 'BROKEN']),
  /** What to do next; only where something is wrong. */
  next: z.string().optional(),
  /** The cause, as far as the stages show: the others may only follow from it. */
  first: z.literal(true).optional(),
});
export type DoctorStage = z.infer<typeof DoctorStage>;

/** One beat, or a missing one. */
export const BeatCell = z.object({
  at: z.number(),
  outcome: z.enum(['ok', 'trouble', 'paused', 'missed']),
  ok: z.number().optional(),
  failed: z.number().optional(),
  note: z.string().optional(),
});
export type BeatCell = z.infer<typeof BeatCell>;

export const CollectorWord = z.enum(['up', 'slow', 'down', 'paused', 'never']);
export type CollectorWord = z.infer<typeof CollectorWord>;

export const CollectorJobView = z.object({
  name: z.string(),
  state: CollectorWord,
  everySec: z.number().nullable(),
  lastRunAt: z.number().nullable(),
  ok: z.number().nullable(),
  failed: z.number().nullable(),
  note: z.string().nullable(),
  /** Oldest first, at most 60. */
  cells: z.array(BeatCell),
});
export type CollectorJobView = z.infer<typeof CollectorJobView>;

/** Request weight of a collector's address on the exchange, in the running minute. */
export const WeightView = z.object({
  used: z.number(),
  budget: z.number().nullable(),
  limit: z.number(),
  status429: z.number().nullable(),
  status418: z.number().nullable(),
  /** Nothing may be sent before. */
  bannedUntil: z.number().nullable(),
  reportedBy: z.string(),
  reportedAt: z.number(),
});
export type WeightView = z.infer<typeof WeightView>;

export const CollectorView = z.object({
  name: z.string(),
  state: CollectorWord,
  /** It says nothing of itself; the state is concluded from what it posts. */
  inferred: z.boolean(),
  lastAt: z.number().nullable(),
  everySec: z.number().nullable(),
  version: z.string().nullable(),
  startedAt: z.number().nullable(),
  note: z.string().nullable(),
  bannedUntil: z.number().nullable(),
  weightUsed: z.number().nullable(),
  spool: z
    .object({
      chunks: z.number(),
      bytes: z.number(),
      oldestAgeSec: z.number().nullable(),
      dropped: z.number(),
      deadLetters: z.number().nullable(),
    })
    .nullable(),
  /** Oldest first, at most 60. */
  cells: z.array(BeatCell),
  jobs: z.array(CollectorJobView),
});
export type CollectorView = z.infer<typeof CollectorView>;

export const IngestRequestView = z.object({
  /** Of receipt. */
  at: z.number(),
  requestId: z.string(),
  /** The start of the key's SHA-256; empty when the request was refused before its key was known. */
  keyId: z.string(),
  source: z.string(),
  received: z.number(),
  inserted: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  withoutUsd: z.number(),
  ms: z.number(),
  status: z.number(),
  /** Why it was refused, or the first reason among refused items. */
  reason: z.string().nullable(),
  /** The first refused items. */
  refusals: z.array(
    z.object({ index: z.number(), symbol: z.string().nullable(), code: z.string(), message: z.string() }),
  ),
});
export type IngestRequestView = z.infer<typeof IngestRequestView>;

export const UniverseMemberView = z.object({
  symbol: z.string(),
  /** USD. */
  quoteVolume24h: z.number(),
  enteredAt: z.number(),
  /** Seconds between samples as observed; `null` before the first one. */
  everySec: z.number().nullable(),
  /** Time of the sample on the board; `null`: never sampled. */
  ts: z.number().nullable(),
  state: z.enum(['live', 'late', 'stale', 'unsampled']),
  /** Its volume is within a fifth above the exit threshold. */
  nearExit: z.boolean(),
  /** The first stage it did not reach in its last cycle; `null`: none. */
  missingAt: SymbolStage.nullable(),
});
export type UniverseMemberView = z.infer<typeof UniverseMemberView>;

/** A time in which symbols of the universe that belong together were not live. */
export const GapView = z.object({
  from: z.number(),
  /** `null`: it is open. */
  to: z.number().nullable(),
  symbols: z.number(),
  /** How many of them are silent still. */
  silent: z.number(),
  /** A few of them. */
  examples: z.array(z.string()),
  why: z.string().nullable(),
});
export type GapView = z.infer<typeof GapView>;

export const DebugBody = z.object({
  serverTime: z.number(),
  /** How often a page may ask. */
  debugEverySec: z.number(),
  version: z.string(),
  startedAt: z.number(),
  epoch: z.string(),
  seq: z.number(),
  health: Health,
  healthy: z.boolean(),
  stages: z.array(DoctorStage),
  pipeline: z.array(PipelineStep).length(7),
  rates: z.object({
    /** Samples accepted a second, over the last minute. */
    samplesPerSec: z.number(),
    last5Min: z.object({ requests: z.number(), errors: z.number(), rejectedItems: z.number() }),
    /** From the receipt of a chunk to the window that carried it. `null`: no chunk in the last ten minutes. */
    postToBroadcastMs: z.object({ p50: z.number(), p95: z.number(), chunks: z.number() }).nullable(),
    lastBatch: z
      .object({ at: z.number(), source: z.string(), accepted: z.number(), received: z.number() })
      .nullable(),
  }),
  /** `null`: not reported. */
  weight: WeightView.nullable(),
  /** `null`: heartbeats cannot be read. */
  collectors: z.array(CollectorView).nullable(),
  /** The last 50 requests, newest first. */
  ingest: z.array(IngestRequestView),
  universe: z.object({
    total: z.number(),
    updatedAt: z.number().nullable(),
    thresholds: z.object({ enter: z.number(), exit: z.number() }).nullable(),
    /** `null`: the database did not answer. */
    last24h: z.object({ entered: z.number(), left: z.number() }).nullable(),
    members: z.array(UniverseMemberView),
    journal: z.array(UniverseChangeView).nullable(),
  }),
  /** `null`: the database did not answer. */
  history: HistoryTotals.nullable(),
  /** Of the last 24 h, or since this node started; open ones first, then newest first. */
  gaps: z.array(GapView),
  sockets: SocketTrafficView,
  server: z.object({
    realtimeEnabled: z.boolean(),
    database: z.object({ kind: z.enum(['embedded', 'external']), pingMs: z.number().nullable() }),
    redis: z.object({ configured: z.boolean(), pingMs: z.number().nullable() }),
  }),
  /** `null`: the database did not answer. */
  alerts: z.array(OpenInterestAlert).nullable(),
});
export type DebugBody = z.infer<typeof DebugBody>;
