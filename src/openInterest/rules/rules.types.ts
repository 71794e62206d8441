import { z } from 'zod';
import type { Role, Tier } from '../../access/access.types.ts';
import { MINUTE_MS } from '../../kit/clock.ts';
import { plainText } from '../../kit/plainText.shared.ts';
import { AlertFiring } from './alertFiring.types.ts';
import { QUADRANTS } from '../board/quadrant.shared.ts';
import { FiringWindow } from '../delivery/firing.types.ts';

/** The wire contract of alert rules. Percent are percent (5 is 5 %), times epoch ms. */

/** How many rules a user may have. */
export const RULES_BY_TIER = { free: 0, pro: 10, elite: 100 } as const;

/** An operator has as many as Elite. */
export function ruleLimitOf({ tier, role }: { tier: Tier; role: Role }): number {
  return RULES_BY_TIER[role === 'admin' ? 'elite' : tier];
}

/** `null`: without that bound. */
const bound = z.number().nullable().default(null);

const Percent = z.number().min(0).max(10_000);
const PriceCondition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('atLeast'), pct: z.number().min(-100).max(10_000) }),
  z.strictObject({ kind: z.literal('atMost'), pct: z.number().min(-100).max(10_000) }),
  z.strictObject({ kind: z.literal('flat'), withinPct: Percent }),
]);

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM, such as 22:30');
const TimeZone = z.string().max(64).refine(isTimeZone, 'must be an IANA time zone, such as Europe/Berlin');

const MAX_COOLDOWN_MIN = 7 * 24 * 60;
export const LONGEST_COOLDOWN_MS = MAX_COOLDOWN_MIN * MINUTE_MS;

/**
 * A rule as a user writes it. It fires when open interest of a symbol has changed over `window` by `thresholdPct` and by
 * `leastUsd`, and each condition that is not `null` holds for the same sample.
 */
export const AlertRuleInput = z.strictObject({
  name: plainText(80).trim().min(1),
  enabled: z.boolean().default(true),
  /** `all`: every symbol on the board. A watchlist of the user, by its id: the symbols that it has at that moment. */
  symbols: z
    .union([
      z.literal('all'),
      z.array(z.string().max(64)).min(1).max(500),
      z.strictObject({ watchlist: z.string().min(1).max(16) }),
    ])
    .default('all'),
  window: FiringWindow,
  direction: z.enum(['up', 'down', 'both']),
  /** Change of contracts, percent. */
  thresholdPct: z.number().min(0.01).max(10_000),
  /** Least change in USD: contracts × mark price of the newest sample. 0: any, also without a price. */
  leastUsd: z.number().min(0).max(1e15).default(0),
  /** Change of the mark price over the same window. */
  price: PriceCondition.nullable().default(null),
  /** Fraction per funding interval, both included. */
  funding: z.strictObject({ min: bound, max: bound }).nullable().default(null),
  /** Least 24 h quote volume, USD. */
  leastVolume24h: z.number().min(0).max(1e15).nullable().default(null),
  /** What price and open interest together suggest; any of these. */
  readings: z.array(z.enum(QUADRANTS)).min(1).max(QUADRANTS.length).nullable().default(null),
  /** Least distance of the change from what the symbol usually does, up or down, in usual deviations of its last 7 days. */
  leastUnusual: z.number().min(0.1).max(1_000).nullable().default(null),
  /** After a firing for a symbol the next one waits as long, unless it escalates. */
  cooldownMin: z.number().int().min(0).max(MAX_COOLDOWN_MIN).default(30),
  /** A rule that has fired for a symbol is armed again once the change is below this share of the threshold. */
  rearmShare: z.number().min(0).max(1).default(0.5),
  /** Before it is armed again, it fires once more when the change is so many percent larger, whatever the cooldown. */
  escalationPct: z.number().min(1).max(10_000).nullable().default(null),
  /** Firings between these times of day are sent to channels when they end. From and to alike: they are never sent. */
  quietHours: z.strictObject({ from: TimeOfDay, to: TimeOfDay, timeZone: TimeZone }).nullable().default(null),
  /** In small letters, as channels have them: some programs write ids in capitals. */
  channelIds: z.array(z.uuid().toLowerCase()).max(10).default([]),
});
export type AlertRuleInput = z.infer<typeof AlertRuleInput>;

/** A rule whose watchlist, if it names one, is replaced by the symbols on it. */
export type PlainRule = Plain<AlertRuleInput>;

type WithSymbols = Pick<AlertRuleInput, 'symbols'>;
type Plain<Rule extends WithSymbols> = Omit<Rule, 'symbols'> & { symbols: 'all' | string[] };

/** `watched`: the symbols of the watchlist, if the rule names one. */
export function withWatched<Rule extends WithSymbols>(rule: Rule, watched: readonly string[]): Plain<Rule> {
  const { symbols } = rule;
  return { ...rule, symbols: symbols === 'all' || Array.isArray(symbols) ? symbols : [...watched] };
}

export const AlertRule = z.object({
  id: z.string(),
  /** Grows with each change. It is the entity tag, in quotes. */
  version: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** When it last fired for any symbol, by the time of the sample. */
  lastFiredAt: z.number().nullable(),
  /** Why the server switched the rule off, until it is saved again; `null`: it did not. */
  offReason: z.string().nullable().default(null),
  /** The watchlist that the rule names; `null`: it names none, or the list was deleted, so that the rule cannot fire. */
  watchlist: z.object({ name: z.string(), symbols: z.array(z.string()) }).nullable(),
  rule: AlertRuleInput,
});
export type AlertRule = z.infer<typeof AlertRule>;

/** What a rule would have fired. */
export const ReplayedFiring = AlertFiring.pick({
  symbol: true,
  direction: true,
  firedAt: true,
  quiet: true,
  evidence: true,
});
export type ReplayedFiring = z.infer<typeof ReplayedFiring>;

/** A line of a replay. */
export const ReplayLine = z.discriminatedUnion('type', [
  /** Symbols that are done, of how many; firings until now. */
  z.object({ type: z.literal('progress'), done: z.number(), of: z.number(), firings: z.number() }),
  z.object({ type: z.literal('firing'), firing: ReplayedFiring }),
  /** A crossing that the cooldown held back, as it would have fired. */
  z.object({ type: z.literal('heldBack'), crossing: ReplayedFiring }),
  z.object({
    type: z.literal('summary'),
    firings: z.number(),
    /** Symbols with a firing. */
    symbols: z.number(),
    /** Firings that have a line. */
    listed: z.number(),
    /** Crossings that the cooldown held back; the first thousands have a line. */
    heldBack: z.number(),
    /** Samples that were evaluated, and those that were not: late, backfill, without a base, suspect. */
    evaluated: z.number(),
    leftOut: z.number(),
    /** Samples around which contracts moved too little for the rule, so that they were not evaluated. */
    skipped: z.number(),
  }),
]);
export type ReplayLine = z.infer<typeof ReplayLine>;

/** Many symbols moved by the same factor at once: a change of the source and no market. */
export const StoredMethodChange = z.object({
  factor: z.number(),
  /** How many symbols moved by the factor, of how many that were read in the same round. */
  symbols: z.number(),
  ofSymbols: z.number(),
  detectedAt: z.number(),
  /** Rules compare with no sample before this moment, which may be of the old method. */
  validFrom: z.number(),
  confirmedAt: z.number().nullable(),
});
export type StoredMethodChange = z.infer<typeof StoredMethodChange>;

/** A firing on its way to the sockets of its user. */
export const UserFiring = z.object({ userId: z.string(), firing: AlertFiring });
export type UserFiring = z.infer<typeof UserFiring>;

function isTimeZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
