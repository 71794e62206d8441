import { z } from 'zod';
import { DAY_MS, MINUTE_MS } from '../../kit/clock.ts';

/** Between two points of the exchange's data. */
export const POSITIONING_EVERY_MS = 5 * MINUTE_MS;
/** How long positioning is kept, and how far back an answer reaches. */
export const POSITIONING_KEPT_MS = DAY_MS;
/** The most symbols that the server offers to collectors, and points and minutes that it accepts in one post. */
export const MOST_POSITIONING_SYMBOLS = 50;
const MOST_POINTS = 300;
export const MOST_MINUTES = 1_000;

const EpochMs = z.int().min(Date.UTC(2017)).max(Date.UTC(2100, 0), 'must be epoch ms');
/** Longs over shorts. `null`: not reported. */
const Ratio = z.number().min(0).max(1_000_000).nullable();
const Amount = z.number().min(0).max(1e18);
const Count = z.int().min(0).max(1_000_000);

/**
 * One five-minute point. `{"ts":1795265700000,"topPositions":1.4342,"topAccounts":1.21,"accounts":0.87,
 *   "takerBought":387.33,"takerSold":248.5}`
 */
export const PositioningPoint = z.object({
  ts: EpochMs,
  /** Longs over shorts of top traders by the size of their positions, and by their number. */
  topPositions: Ratio,
  topAccounts: Ratio,
  /** Longs over shorts of all accounts, by their number. */
  accounts: Ratio,
  /** Contracts that takers bought and sold in the five minutes. */
  takerBought: Amount.nullable(),
  takerSold: Amount.nullable(),
});
export type PositioningPoint = z.infer<typeof PositioningPoint>;

export const PositioningUpdate = z.object({
  symbol: z.string(),
  points: z.array(PositioningPoint).min(1).max(MOST_POINTS),
});
export type PositioningUpdate = z.infer<typeof PositioningUpdate>;

/** Forced orders of one minute. Longs are liquidated by sales, shorts by purchases. */
export const LiquidationMinute = z.object({
  /** When the minute began. */
  minute: EpochMs.refine((it) => it % MINUTE_MS === 0, 'must be the start of a minute'),
  longUsd: Amount,
  shortUsd: Amount,
  longs: Count,
  shorts: Count,
});
export type LiquidationMinute = z.infer<typeof LiquidationMinute>;

export const LiquidationsUpdate = z.object({
  minutes: z
    .array(LiquidationMinute.extend({ symbol: z.string() }))
    .min(1)
    .max(MOST_MINUTES),
});
export type LiquidationsUpdate = z.infer<typeof LiquidationsUpdate>;

/** The symbols that users look at or have in lists, the most important first. `lastTs`: of the newest stored point; `null`: none. */
export const PositioningSymbols = z.object({
  symbols: z
    .array(z.object({ symbol: z.string(), lastTs: z.number().nullable() }))
    .max(MOST_POSITIONING_SYMBOLS),
});
export type PositioningSymbols = z.infer<typeof PositioningSymbols>;

/** The last day of one symbol, oldest first. Minutes without a forced order are left out. */
export const PositioningBody = z.object({
  symbol: z.string(),
  points: z.array(PositioningPoint),
  liquidations: z.array(LiquidationMinute),
});
export type PositioningBody = z.infer<typeof PositioningBody>;
