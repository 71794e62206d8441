import { z } from 'zod';
import { blankedText, plainText } from '../kit/plainText.shared.ts';
import { ReportedAlertRule } from './openInterest.dashboard.types.ts';

/**
 * What a collector says of itself, every few seconds.
 * `{"collector":"oi-poller","everySec":10,"jobs":[{"name":"poller","state":"up","ok":342,"failed":1}],
 *   "weight":{"used":1060,"limit":2400},"spool":{"chunks":0,"bytes":0,"dropped":0}}`
 */
export const CollectorHeartbeat = z.object({
  collector: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'letters, digits, dots, dashes; at most 64'),
  /** Seconds until the next beat. */
  everySec: z.number().positive().max(86_400),
  version: plainText(64).optional(),
  startedAt: z.number().optional(),
  jobs: z
    .array(
      z.object({
        name: plainText(64).min(1),
        state: z.enum(['up', 'slow', 'down', 'paused']),
        everySec: z.number().positive().optional(),
        lastRunAt: z.number().nullable().optional(),
        ok: z.number().min(0).optional(),
        failed: z.number().min(0).optional(),
        note: blankedText(500).optional(),
      }),
    )
    .max(32)
    .default([]),
  /** Request weight on the exchange: used in the running minute, and the limit. `null`: not known. */
  weight: z
    .object({
      used: z.number().min(0),
      budget: z.number().positive().optional(),
      limit: z.number().positive(),
      status429: z.number().min(0).optional(),
      status418: z.number().min(0).optional(),
    })
    .nullish(),
  /** Epoch ms until which the exchange has banned the address. `null`: it has not. */
  bannedUntil: z.number().nullish(),
  spool: z
    .object({
      chunks: z.number().min(0),
      bytes: z.number().min(0),
      oldestAgeSec: z.number().min(0).nullable().optional(),
      dropped: z.number().min(0),
      deadLetters: z.number().min(0).optional(),
    })
    .nullish(),
  /** When it tells alerts; absent: it does not look for any. */
  alertRules: z.array(ReportedAlertRule).max(16).optional(),
});
export type CollectorHeartbeat = z.infer<typeof CollectorHeartbeat>;
