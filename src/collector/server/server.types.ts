import { z } from 'zod';
import { Source } from '../../openInterest/openInterest.types.ts';

/** What the collector reads in our server's answers; the rest of them is not its business. */

const time = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));

/** The original's server answers without the counts that ours adds. */
export const IngestAnswer = z.object({
  inserted: z.number(),
  duplicates: z.number().default(0),
  rejected: z
    .array(z.object({ symbol: z.string().nullable(), code: z.string(), message: z.string() }))
    .default([]),
});
export type IngestAnswer = z.infer<typeof IngestAnswer>;

/** Of the other posts. */
export const StoredAnswer = z.object({ success: z.literal(true) });

export const UniverseUpdateAnswer = z.object({
  success: z.literal(true),
  entered: z.array(z.string()).default([]),
  left: z.array(z.string()).default([]),
});
export type UniverseUpdateAnswer = z.infer<typeof UniverseUpdateAnswer>;

export const SamplesAnswer = z.object({
  samples: z.array(
    z.object({
      symbol: z.string(),
      openInterest: z.number(),
      markPrice: z.number().nullable(),
      ts: time,
      source: Source,
    }),
  ),
});
export type StoredSample = z.infer<typeof SamplesAnswer>['samples'][number];

export const SnapshotAnswer = z.union([
  z.object({ found: z.literal(true), ts: time }),
  z.object({ found: z.literal(false) }),
]);
