import { z } from 'zod';
import { WINDOWS } from '../board/windows.shared.ts';

/** The window that a rule compares over. */
export const FiringWindow = z.enum(WINDOWS);

/** Contracts and USD; `null`: there was no usable price. `ts` is epoch ms. */
const EvidenceSample = z.object({
  ts: z.number(),
  openInterest: z.number(),
  openInterestUsd: z.number().nullable(),
});

/** Why a rule fired. Unknown is `null`. */
export const FiringEvidence = z.object({
  /** Percent of contracts: 5 is 5 %. */
  changePct: z.number(),
  changeUsd: z.number().nullable(),
  base: EvidenceSample,
  current: EvidenceSample,
  /** The share of the window that has samples, 0 to 1. */
  coverage: z.number(),
  /** Percent of the mark price over the same window. */
  priceChangePct: z.number().nullable(),
  /** Fraction per funding interval. */
  fundingRate: z.number().nullable(),
  /** What price and open interest together suggest. */
  reading: z.string().nullable(),
  /** How unusual the change is for the symbol, in usual deviations of its last 7 days; absent from firings before it was known. */
  unusual: z.number().nullable().optional(),
});

/** A rule of a user that fired for one symbol. Times are epoch milliseconds. */
export const Firing = z.object({
  id: z.uuid(),
  userId: z.string(),
  ruleId: z.string(),
  ruleVersion: z.number().int(),
  ruleName: z.string(),
  symbol: z.string(),
  /** The window of the rule, or the timeframe of an alert of the collector that is none of them. */
  window: FiringWindow.or(z.string().max(32)),
  direction: z.enum(['up', 'down']),
  firedAt: z.number(),
  /** Channels of the user; others are ignored. */
  channelIds: z.array(z.uuid()),
  evidence: FiringEvidence,
  /** It fired in quiet hours and waited for their end. */
  quiet: z.boolean().optional(),
});
export type Firing = z.infer<typeof Firing>;
