import { z } from 'zod';
import { OpenInterestAlert } from '../openInterest.types.ts';

export const HistoryRange = z.enum(['1h', '6h', '24h', '7d', '30d', '1y', 'all'], {
  error: 'must be 1h, 6h, 24h, 7d, 30d, 1y or all',
});
export type HistoryRange = z.infer<typeof HistoryRange>;

export const HistoryInterval = z.enum(
  ['10s', '30s', '1m', '2m', '5m', '15m', '30m', '1h', '2h', '4h', '12h', '1d'],
  { error: 'must be 10s, 30s, 1m, 2m, 5m, 15m, 30m, 1h, 2h, 4h, 12h or 1d' },
);
export type HistoryInterval = z.infer<typeof HistoryInterval>;

/** Columns of one symbol's history, one entry a bucket. Times are epoch seconds here, as charts take them. */
export const HistoryBody = z.object({
  symbol: z.string(),
  /** `null` where `from` and `to` were asked for. */
  range: HistoryRange.nullable(),
  bucketSec: z.number(),
  /** First and last moment covered; `from` is later than asked when there is less history. */
  from: z.number(),
  to: z.number(),
  t: z.array(z.number()),
  /** Contracts at the end of the bucket (close), lowest, highest, and at its beginning (open). */
  oi: z.array(z.number()),
  oiMin: z.array(z.number()),
  oiMax: z.array(z.number()),
  oiOpen: z.array(z.number()),
  usd: z.array(z.number().nullable()),
  mark: z.array(z.number().nullable()),
  funding: z.array(z.number().nullable()),
  /** How many samples each bucket is made of. */
  samples: z.array(z.number()),
  /** Stretches without a sample, `[from, to]`; a chart draws a break there. */
  gaps: z.array(z.tuple([z.number(), z.number()])),
  /** Stretches by source, `[source, from, to]`. */
  source: z.array(z.tuple([z.string(), z.number(), z.number()])),
  alerts: z.array(OpenInterestAlert),
  truncated: z.boolean(),
});
export type HistoryBody = z.infer<typeof HistoryBody>;

const TierView = z.object({
  days: z.number(),
  /** `2026-11-20`; `null`: the tier is empty. */
  oldest: z.string().nullable(),
  newest: z.string().nullable(),
  samples: z.number(),
  /** On disk, with indexes. */
  bytes: z.number(),
});

/** The contents of both tiers of history. Samples of the hot tier are an estimate. */
export const HistoryTotals = z.object({
  /** `backlogDays` are not compacted yet and should be. */
  hot: TierView.extend({ backlogDays: z.number() }),
  cold: TierView.extend({
    blocks: z.number(),
    payloadBytes: z.number(),
    compactedAt: z.number().nullable(),
  }),
});
export type HistoryTotals = z.infer<typeof HistoryTotals>;
