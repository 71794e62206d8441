import { z } from 'zod';
import { UsualChanges } from './board/usual.types.ts';
import { plainText } from '../kit/plainText.shared.ts';
import { AlertAfters } from './alerts/after.types.ts';

/**
 * The wire contract of open interest: what pollers post, what boards and queries answer. Times are epoch milliseconds
 * unless a field says ISO. Unknown is `null`, never 0.
 */

/** Where a sample comes from, best first: of two samples of the same moment the better source wins. */
export const Source = z.enum(['realtime', 'snapshot', 'snapshot_legacy', 'backfill']);
export type Source = z.infer<typeof Source>;

/** One symbol's open interest at one exchange time, checked and normalised; as nodes and Redis pass it on. */
export const Sample = z
  .object({
    symbol: z.string().min(1).max(64),
    /** Contracts: units of the base asset, each long and short pair counted once. */
    openInterest: z.number(),
    /** Contracts × mark price of the same moment, USD. `null`: there was no usable price. */
    openInterestUsd: z.number().nullable(),
    markPrice: z.number().nullable(),
    /** Fraction per funding interval. */
    fundingRate: z.number().nullable(),
    ts: z.number(),
    source: Source,
  })
  .readonly();
export type Sample = z.infer<typeof Sample>;

const wireTime = z.union(
  [z.number(), z.iso.datetime({ offset: true })],
  'must be epoch ms, or ISO 8601 with a zone',
);

const lenientNumber = (description: string) => z.unknown().meta({ type: ['number', 'null'], description });

/**
 * One item of a chunk. Only `symbol` and `openInterest` can sink it; a bad price only costs the USD value.
 * `{"symbol":"BTCUSDT","openInterest":90761.482,"openInterestUsd":8445361234.5,"markPrice":93041.35}`
 */
export const OpenInterestSampleInput = z.object({
  symbol: z
    .string()
    .meta({ description: 'Letters and digits of any script; `-` and `_` are dropped, case is raised.' }),
  openInterest: z
    .number()
    .min(0)
    .max(1e15)
    .optional()
    .meta({ description: 'Contracts. May be absent when USD value and price are both given.' }),
  openInterestUsd: lenientNumber(
    'USD. Only a positive number counts; else it is computed from the mark price.',
  ).optional(),
  markPrice: lenientNumber(
    'USD. Absent, zero or unusable: the sample is kept with an unknown USD value.',
  ).optional(),
  fundingRate: lenientNumber('Fraction per funding interval.').optional(),
  ts: wireTime.optional().meta({
    description: "The exchange's time: epoch ms or ISO with a zone. Absent: the request's timestamp.",
  }),
  source: Source.optional(),
  fetchedAt: lenientNumber('Epoch ms at which the collector had the answer; shown by trace.').optional(),
  spooledAt: lenientNumber('Epoch ms at which the collector had stored it; shown by trace.').optional(),
});
export type OpenInterestSampleInput = z.infer<typeof OpenInterestSampleInput>;

/** A chunk has at most this many items; pollers send 100. */
const MAX_CHUNK_ITEMS = 500;

const timestamp = wireTime.optional().meta({
  description: 'Epoch ms or ISO with a zone; applies to items without `ts`. Absent: the time of receipt.',
});

/** The chunk around the items; each item is judged on its own afterwards. */
export const OpenInterestIngestEnvelope = z.object({
  data: z
    .array(z.unknown(), { error: 'Invalid payload: data array required' })
    .min(1, 'must hold at least one item')
    .max(MAX_CHUNK_ITEMS, `must hold at most ${MAX_CHUNK_ITEMS} items; send more chunks`),
  timestamp,
  totalSymbols: z.number().int().min(0).optional(),
  source: Source.optional().meta({ description: 'Absent: `snapshot`.' }),
});

export const OpenInterestIngestRequest = OpenInterestIngestEnvelope.extend({
  data: z.array(OpenInterestSampleInput).min(1).max(MAX_CHUNK_ITEMS),
});
export type OpenInterestIngestRequest = z.infer<typeof OpenInterestIngestRequest>;

/** Changes in whole basis points; `null`: not enough history. */
const basisPoints = (windows: number) => z.array(z.number().nullable()).length(windows);
const changesOver = (windows: number) =>
  z.object({
    /** Of contracts. */
    d: basisPoints(windows),
    /** Of the USD value. */
    dUsd: basisPoints(windows),
    /** Of the mark price. */
    p: basisPoints(windows),
  });

/** Over 5 min, 15 min, 1 h and 24 h, in this order. */
export const BoardChanges = changesOver(4).extend({
  /** Over 30 min and 4 h, in this order; absent from servers of 0.2. */
  more: changesOver(2).optional(),
});
export type BoardChanges = z.infer<typeof BoardChanges>;

/** One symbol on a board. */
export const BoardRow = BoardChanges.extend({
  symbol: z.string(),
  openInterest: z.number(),
  openInterestUsd: z.number().nullable(),
  markPrice: z.number().nullable(),
  fundingRate: z.number().nullable(),
  ts: z.number(),
  source: Source,
  /** Seconds between samples of this symbol, as observed. */
  everySec: z.number(),
  /** 24 h quote volume in USD, as the universe job reported it. */
  volume24h: z.number().nullable(),
  /** Hours between two fundings, as the universe job reported it; absent and laid over as `spark` is. */
  fundingHours: z.number().nullable().optional(),
  /** Circulating supply in contracts, as the universe job reported it; absent and laid over as `spark` is. */
  supply: z.number().nullable().optional(),
  /** The exchange's tags of what the contract is on, such as `Layer-1`; absent and laid over as `spark` is. */
  sectors: z.array(z.string()).nullable().optional(),
  /** Absent and laid over as `spark` is; `null`: too little history. */
  usual: UsualChanges.nullable().optional(),
  /**
   * The last 24 hours of contracts: 48 half hours as bytes in base64, 1 (lowest) to 255 (highest), 0 without a sample.
   * Absent from an update in which it did not change: a row of an update is laid over the row that is held.
   */
  spark: z.string().nullable().optional(),
  /** The window that published the row's last change. */
  seq: z.number(),
});
export type BoardRow = z.infer<typeof BoardRow>;

/** What a row has from the universe job. */
export type MemberFacts = Pick<BoardRow, 'volume24h' | 'fundingHours' | 'supply' | 'sectors'>;

/** A symbol that has left the board. */
export const RemovedRow = z.object({ symbol: z.string(), removed: z.literal(true), seq: z.number() });
export type RemovedRow = z.infer<typeof RemovedRow>;

export const Mode = z.enum(['realtime', 'snapshot']);
export type Mode = z.infer<typeof Mode>;

/** How far a client has come: a board's epoch and the seq of the last window it applied. */
export const BoardPosition = z.object({ epoch: z.string().max(64), seq: z.number().int().min(0) });
export type BoardPosition = z.infer<typeof BoardPosition>;

/** A position as text: `EPOCH:SEQ`. */
export const PositionText = z.string().transform((raw, context): BoardPosition => {
  const match = /^([\w-]{1,64}):(\d{1,15})$/.exec(raw);
  if (match) return { epoch: match[1]!, seq: Number(match[2]) };
  context.addIssue('must be EPOCH:SEQ as the board gave them');
  return z.NEVER;
});

/** The rows that changed after `from`, up to `seq`; what a debounce window publishes. */
export const BoardUpdate = z.object({
  epoch: z.string(),
  from: z.number(),
  seq: z.number(),
  asOf: z.number().nullable(),
  serverTime: z.number(),
  rows: z.array(z.union([BoardRow, RemovedRow])),
});
export type BoardUpdate = z.infer<typeof BoardUpdate>;

/** A board, whole (`full`) or what changed after `from`. */
export const BoardBody = z.object({
  epoch: z.string(),
  seq: z.number(),
  full: z.boolean(),
  from: z.number().optional(),
  /** When the newest data on it came in (realtime), or the mark it was frozen at (snapshot). */
  asOf: z.number().nullable(),
  serverTime: z.number(),
  tier: z.enum(['free', 'pro', 'elite']),
  mode: Mode,
  nextSnapshotAt: z.number().nullable(),
  universe: z.object({
    total: z.number(),
    updatedAt: z.number().nullable(),
    unsampled: z.array(z.string()),
  }),
  columns: z.object({ funding: z.boolean(), volume: z.boolean() }),
  rows: z.array(z.union([BoardRow, RemovedRow])),
});
export type BoardBody = z.infer<typeof BoardBody>;

/** `GET /api/market/open-interest`, as the original answered it: USD by symbol, unknown ones left out. */
export const OpenInterestCacheBody = z.object({
  data: z.record(z.string(), z.number()),
  stale: z.boolean(),
  asOf: z.number().nullable(),
  dangerouslyStale: z.boolean(),
});
export type OpenInterestCacheBody = z.infer<typeof OpenInterestCacheBody>;

export const Direction = z.enum(['UP', 'DOWN'], { error: 'must be UP or DOWN' });
export type Direction = z.infer<typeof Direction>;

const contracts = z.number().min(-1e15).max(1e15);
const fraction = z.number().min(-1e9).max(1e9);

/**
 * A spike or dump as a detector posts it.
 * `{"symbol":"SUIUSDT","direction":"UP","baseline":412600000,"current":430000000,"pctChange":0.0421,
 *   "absChange":17400000,"priceChange":0.0038,"fundingRate":0.0001,"timeframe":"5 min",
 *   "timestamp":"2026-11-20T13:41:20Z","source":"oi_realtime_poller"}`
 */
export const OpenInterestAlertInput = z.object({
  symbol: z.string(),
  direction: Direction,
  baseline: contracts,
  current: contracts,
  pctChange: fraction,
  absChange: contracts,
  priceChange: fraction.nullish(),
  fundingRate: fraction.nullish(),
  timeframe: plainText(32).trim().min(1).default('5 min'),
  timestamp: wireTime,
  source: plainText(64).trim().min(1),
});
export type OpenInterestAlertInput = z.infer<typeof OpenInterestAlertInput>;

/** A stored alert, on HTTP and on the socket alike: numbers are numbers, times ISO. */
export const OpenInterestAlert = z.object({
  id: z.string(),
  symbol: z.string(),
  direction: Direction,
  timeframe: z.string(),
  baseline: z.number(),
  current: z.number(),
  pctChange: z.number(),
  absChange: z.number(),
  priceChange: z.number().nullable(),
  fundingRate: z.number().nullable(),
  source: z.string(),
  ts: z.string(),
  createdAt: z.string(),
  after: AlertAfters,
});
export type OpenInterestAlert = z.infer<typeof OpenInterestAlert>;
