import { z } from 'zod';
import { MINUTE_MS } from '../../kit/clock.ts';

/** What ingest answers. */

/** What is further ahead of the server's clock comes from a wrong clock and is refused. */
export const MOST_AHEAD_MS = MINUTE_MS;

export const RejectedItem = z.object({
  /** Position in `data`. */
  index: z.number(),
  /** As sent, cut to 64 characters; `null` when it was not text. */
  symbol: z.string().nullable(),
  code: z.enum([
    'item_invalid',
    'symbol_invalid',
    'open_interest_invalid',
    'open_interest_missing',
    'source_invalid',
    'ts_invalid',
    'ts_in_future',
    'ts_too_old',
    'symbol_limit',
  ]),
  message: z.string(),
});
export type RejectedItem = z.infer<typeof RejectedItem>;

/** received = inserted + duplicates + rejected.length, always. */
export const OpenInterestIngestResponse = z.object({
  success: z.boolean().meta({ description: 'False when at least one item was refused.' }),
  received: z.number(),
  inserted: z.number(),
  duplicates: z.number().meta({ description: 'Already stored with the same symbol, ts and source.' }),
  stale: z
    .number()
    .meta({ description: 'Stored as history, but an older moment than the newest one known.' }),
  withoutUsd: z.number().meta({ description: 'Accepted without a usable price: USD is unknown.' }),
  rejected: z.array(RejectedItem),
  cached: z.number().meta({ description: 'Symbols on the board.' }),
  errors: z.array(z.string()).optional(),
});
export type OpenInterestIngestResponse = z.infer<typeof OpenInterestIngestResponse>;
