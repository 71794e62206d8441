import { z } from 'zod';
import { OpenInterestAlert } from '../openInterest.types.ts';

export const HistoryRange = z.enum(['1h', '6h', '24h', '7d'], { error: 'must be 1h, 6h, 24h or 7d' });
export type HistoryRange = z.infer<typeof HistoryRange>;

/** Columns of one symbol's history, one entry a bucket. Times are epoch seconds here, as charts take them. */
export const HistoryBody = z.object({
  symbol: z.string(),
  range: HistoryRange,
  bucketSec: z.number(),
  /** First and last moment covered; `from` is later than asked when there is less history. */
  from: z.number(),
  to: z.number(),
  t: z.array(z.number()),
  oi: z.array(z.number()),
  oiMin: z.array(z.number()),
  oiMax: z.array(z.number()),
  usd: z.array(z.number().nullable()),
  mark: z.array(z.number().nullable()),
  /** Stretches without a sample, `[from, to]`; a chart draws a break there. */
  gaps: z.array(z.tuple([z.number(), z.number()])),
  /** Stretches by source, `[source, from, to]`. */
  source: z.array(z.tuple([z.string(), z.number(), z.number()])),
  alerts: z.array(OpenInterestAlert),
  truncated: z.boolean(),
});
export type HistoryBody = z.infer<typeof HistoryBody>;
