import { z } from 'zod';
import { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import type { Range } from '../board/view.ts';
import { getJson } from '../live/api.ts';

/** One symbol's history in columns, one entry a bucket. Times are epoch seconds, as charts take them. */
export const History = z.object({
  symbol: z.string(),
  bucketSec: z.number(),
  from: z.number(),
  to: z.number(),
  t: z.array(z.number()),
  oi: z.array(z.number()),
  oiMin: z.array(z.number()),
  oiMax: z.array(z.number()),
  usd: z.array(z.number().nullable()),
  mark: z.array(z.number().nullable()),
  gaps: z.array(z.tuple([z.number(), z.number()])),
  source: z.array(z.tuple([z.string(), z.number(), z.number()])),
  alerts: z.array(OpenInterestAlert),
});
export type History = z.infer<typeof History>;

export function readHistory(symbol: string, range: Range, signal: AbortSignal): Promise<History> {
  const query = new URLSearchParams({ symbol, range });
  return getJson(`/api/market/open-interest/history?${query.toString()}`, History, signal);
}
