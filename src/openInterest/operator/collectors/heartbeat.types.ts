import { z } from 'zod';
import { blankedText, plainText } from '../../../kit/plainText.shared.ts';
import { ReportedAlertRule } from '../dashboard.types.ts';

/** Epoch ms up to the year 2100: a time in microseconds or nanoseconds is refused by name. */
const EpochMs = z.number().min(0).max(Date.UTC(2100, 0), 'must be epoch ms: this is micro- or nanoseconds');
/** Beyond it a number is no count. */
const Count = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
/** Ten years: what is longer is no wait and no age. */
const LONGEST_SEC = 315_360_000;
const Skew = z
  .number()
  .min(-LONGEST_SEC * 1_000)
  .max(LONGEST_SEC * 1_000);

/**
 * The last failure of a job, or of the posts to the server.
 * `{"at":1795864022000,"status":503,"code":"-1008","text":"the exchange answered 503: Server is overloaded","count":340}`
 */
export const ReportedError = z.object({
  at: EpochMs,
  /** HTTP status; `null`: no answer came. */
  status: z.number().nullish(),
  /** The other side's or the system's own: `-1008`, `invalid_api_key`, `ECONNREFUSED`. */
  code: blankedText(64).nullish(),
  text: blankedText(300),
  /** Failures in the minute before the beat, this one included. */
  count: Count,
});
export type ReportedError = z.infer<typeof ReportedError>;

/**
 * What keeps a job from working. Collectors of other builds may send other words, so this is no enum.
 * - `exchange_ban`: 418, the address is banned
 * - `exchange_address`: 403 or 451, the exchange refuses the address
 * - `exchange_limit`: 429, the address has sent too many requests
 * - `exchange_weight`: other programs on the address use up the request weight
 * - `universe`: there are no symbols to poll
 */
export const BLOCKED_BY = [
  'exchange_ban',
  'exchange_address',
  'exchange_limit',
  'exchange_weight',
  'universe',
] as const;
export type BlockedBy = (typeof BLOCKED_BY)[number];

/**
 * What a collector reports about itself, every few seconds. Fields are only ever added, and added ones are optional:
 * collectors and servers of different builds work together.
 * `{"collector":"oi-poller","everySec":10,"jobs":[{"name":"poller","state":"up","ok":342,"failed":1}],
 *   "weight":{"used":1060,"limit":2400},"spool":{"chunks":0,"bytes":0,"dropped":0}}`
 */
export const CollectorHeartbeat = z.object({
  collector: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'letters, digits, dots, dashes; at most 64'),
  /** Seconds until the next beat. */
  everySec: z.number().positive().max(86_400),
  version: plainText(64).optional(),
  startedAt: EpochMs.optional(),
  /** When it was sent, by the collector's clock. */
  sentAt: EpochMs.optional(),
  /** The collector stops in order and this is its last beat; its silence afterwards is no fault. */
  stopping: z.boolean().optional(),
  jobs: z
    .array(
      z.object({
        name: plainText(64).min(1),
        /** A blocked job is `slow` or `down`; `paused` is one that has nothing to do. */
        state: z.enum(['up', 'slow', 'down', 'paused']),
        everySec: z.number().positive().max(LONGEST_SEC).optional(),
        lastRunAt: EpochMs.nullable().optional(),
        ok: Count.optional(),
        failed: Count.optional(),
        note: blankedText(500).optional(),
        /** One of `BLOCKED_BY`, or a word of another build. */
        blockedBy: blankedText(64).nullish(),
        /** The job sends nothing before this; `null`: no such moment is known. */
        waitsUntil: EpochMs.nullish(),
        /** `null`: nothing failed within the last minute. */
        lastError: ReportedError.nullish(),
      }),
    )
    .max(32)
    .default([]),
  /** Request weight on the exchange: used in the running minute, and the limit. `null`: not known. */
  weight: z
    .object({
      used: Count,
      budget: Count.positive().optional(),
      limit: Count.positive(),
      /** Of `used`, what this collector has used, and what other programs on its address have. */
      ours: Count.optional(),
      /** `null`: not known yet. */
      others: Count.nullish(),
      status429: Count.optional(),
      status418: Count.optional(),
    })
    .nullish(),
  /** Epoch ms until which the exchange has banned the address. `null`: it has not. */
  bannedUntil: EpochMs.nullish(),
  /** How far the other side's clock is ahead of the collector's, ms, to a second or so. `null`: not known. */
  clocks: z
    .object({
      exchangeAheadMs: Skew.nullish(),
      serverAheadMs: Skew.nullish(),
    })
    .optional(),
  spool: z
    .object({
      chunks: Count,
      bytes: Count,
      oldestAgeSec: z.number().min(0).max(LONGEST_SEC).nullable().optional(),
      /** Samples, ever: too old, too many, or no disk. */
      dropped: Count,
      lastDroppedAt: EpochMs.nullish(),
      /** Samples and alerts, ever, that the server refuses for good. */
      deadLetters: Count.optional(),
      lastDeadLetterAt: EpochMs.nullish(),
      /** Samples that wait because their time lies ahead of the server's clock. */
      waitingForTime: Count.optional(),
    })
    .nullish(),
  /** How posts to the server fare. */
  server: z
    .object({
      /** `null`: the last one was accepted. */
      failingSince: EpochMs.nullish(),
      /** Kept for ten minutes after it is over, as a refused key can be reported only then. */
      lastError: ReportedError.nullish(),
    })
    .optional(),
  /** Its alert thresholds; absent: it detects no alerts. */
  alertRules: z.array(ReportedAlertRule).max(16).optional(),
});
export type CollectorHeartbeat = z.infer<typeof CollectorHeartbeat>;
export type ReportedJob = CollectorHeartbeat['jobs'][number];
