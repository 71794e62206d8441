import { DAY_MS, MINUTE_MS, type Clock } from '../../kit/clock.ts';
import type { Pool } from '../faults/stats.types.ts';
import { createTally, type Tally } from './tally.ts';

export type PoolLimit = { limit: number; windowMs: number };

/** The exchange's limits, each for one source address. Windows begin at whole multiples of their length. */
export const POOL_LIMITS: Readonly<Record<Exclude<Pool, 'none'>, PoolLimit>> = {
  requestWeight: { limit: 2_400, windowMs: MINUTE_MS },
  futuresData: { limit: 1_000, windowMs: 5 * MINUTE_MS },
  fundingInfo: { limit: 500, windowMs: 5 * MINUTE_MS },
};

export type Charge =
  | { outcome: 'accepted'; usedWeight: number }
  /** 429: over the limit until the window ends. */
  | { outcome: 'refused'; usedWeight: number; retryAfterSec: number; limit: PoolLimit }
  /** 418: the address continued after refusals. */
  | { outcome: 'banned'; usedWeight: number; retryAfterSec: number; bannedUntil: number };

export type WeightLedgerOptions = {
  /** The wall's clock, also when simulated time runs faster: see `startSimulator`. */
  clock: Clock;
  limits?: Partial<typeof POOL_LIMITS>;
  /** This many 429s without a minute's pause ban the address. */
  refusalsBeforeBan?: number;
  firstBanMs?: number;
};

type Account = {
  used: Map<Pool, { windowStart: number; amount: number }>;
  refusals: number;
  lastRefusedAt: number;
  lastBanAt: number;
  bannedUntil: number;
  /** Bans so far; each doubles the next, a day without one resets them. */
  offences: number;
};

const LONGEST_BAN_MS = 3 * DAY_MS;

type Context = Required<Omit<WeightLedgerOptions, 'limits'>> & {
  limits: typeof POOL_LIMITS;
  accounts: Map<string, Account>;
  tally: Tally;
};

export type WeightLedger = ReturnType<typeof createWeightLedger>;

/**
 * Counts what each address uses, as the exchange does: a request over the limit is refused and still counts, so that
 * repeating it does not help. Refusals that accumulate end in a ban of 2 minutes, then 4, 8, and so on up to 3 days;
 * requests during a ban are refusals too and extend it in the same way, at most once a minute.
 */
export function createWeightLedger(options: WeightLedgerOptions) {
  const { clock, refusalsBeforeBan = 20, firstBanMs = 2 * MINUTE_MS } = options;
  const limits = { ...POOL_LIMITS, ...options.limits };
  const tally = createTally();
  const context: Context = { clock, refusalsBeforeBan, firstBanMs, limits, accounts: new Map(), tally };

  return {
    tally,
    charge(address: string, pool: Pool, cost: number): Charge {
      const now = clock.now();
      const charged = charge(context, address, pool, cost, now);
      if (charged.outcome !== 'accepted') noteRefusal(context, address, now);
      tally.note({ address, now, outcome: charged.outcome, pool, cost });
      return charged.outcome === 'banned' ? { ...charged, ...banOf(context, address, now) } : charged;
    },
    /** Bans an address now, as the exchange may do for other reasons. */
    ban: (address: string, lengthMs: number) => startBan(context, address, clock.now(), lengthMs),
  };
}

function charge(context: Context, address: string, pool: Pool, cost: number, now: number): Charge {
  const account = accountOf(context, address);
  if (now < account.bannedUntil) {
    const usedWeight = use(context, account, 'requestWeight', 0, now);
    return { outcome: 'banned', usedWeight, ...banOf(context, address, now) };
  }
  const usedWeight = use(context, account, 'requestWeight', pool === 'requestWeight' ? cost : 0, now);
  if (pool === 'none') return { outcome: 'accepted', usedWeight };
  const used = pool === 'requestWeight' ? usedWeight : use(context, account, pool, cost, now);
  const limit = context.limits[pool];
  if (used <= limit.limit) return { outcome: 'accepted', usedWeight };
  const retryAfterSec = Math.ceil((limit.windowMs - (now % limit.windowMs)) / 1_000);
  return { outcome: 'refused', usedWeight, retryAfterSec, limit };
}

function banOf(
  context: Context,
  address: string,
  now: number,
): { retryAfterSec: number; bannedUntil: number } {
  const { bannedUntil } = accountOf(context, address);
  return { bannedUntil, retryAfterSec: Math.ceil((bannedUntil - now) / 1_000) };
}

function accountOf({ accounts }: Context, address: string): Account {
  const known = accounts.get(address);
  if (known) return known;
  const account = {
    used: new Map(),
    refusals: 0,
    lastRefusedAt: -Infinity,
    lastBanAt: -Infinity,
    bannedUntil: 0,
    offences: 0,
  };
  accounts.set(address, account);
  return account;
}

/** Uses `cost` of the pool and returns the total of the window. */
function use(
  { limits }: Context,
  account: Account,
  pool: Exclude<Pool, 'none'>,
  cost: number,
  now: number,
): number {
  const windowStart = now - (now % limits[pool].windowMs);
  const window = account.used.get(pool);
  const amount = (window?.windowStart === windowStart ? window.amount : 0) + cost;
  account.used.set(pool, { windowStart, amount });
  return amount;
}

function noteRefusal(context: Context, address: string, now: number): void {
  const { refusalsBeforeBan, firstBanMs } = context;
  const account = accountOf(context, address);
  if (now - account.lastRefusedAt > MINUTE_MS) account.refusals = 0;
  account.lastRefusedAt = now;
  account.refusals += 1;
  // Requests that were already under way must not turn minutes into days.
  if (account.refusals < refusalsBeforeBan || now - account.lastBanAt < MINUTE_MS) return;
  if (now - account.bannedUntil > DAY_MS) account.offences = 0;
  startBan(context, address, now, Math.min(firstBanMs * 2 ** account.offences, LONGEST_BAN_MS));
}

function startBan(context: Context, address: string, now: number, lengthMs: number): void {
  const account = accountOf(context, address);
  account.offences += 1;
  account.refusals = 0;
  account.lastBanAt = now;
  account.bannedUntil = Math.max(account.bannedUntil, now + lengthMs);
  context.tally.noteBan({ address, from: now, until: account.bannedUntil });
}
