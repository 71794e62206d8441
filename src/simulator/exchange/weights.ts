import { DAY_MS, MINUTE_MS, type Clock } from '../../kit/clock.ts';
import type { Pool } from '../faults/stats.types.ts';
import { createTally } from './tally.ts';

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
  /** 418: the address went on after refusals. */
  | { outcome: 'banned'; usedWeight: number; retryAfterSec: number; bannedUntil: number };

export type WeightLedgerOptions = {
  /** The wall's clock, also when simulated time runs faster: see `startSimulator`. */
  clock: Clock;
  limits?: Partial<typeof POOL_LIMITS>;
  /** So many 429s without a quiet minute between them, and the address is banned. */
  refusalsBeforeBan?: number;
  firstBanMs?: number;
};

type Account = {
  used: Map<Pool, { windowStart: number; amount: number }>;
  refusals: number;
  lastRefusedAt: number;
  lastBanAt: number;
  bannedUntil: number;
  /** Bans so far; each doubles the next. A day without one wipes the slate. */
  offences: number;
};

const LONGEST_BAN_MS = 3 * DAY_MS;

export type WeightLedger = ReturnType<typeof createWeightLedger>;

/**
 * Counts what each address uses, as the exchange does: a request over the limit is refused and still counts, so that
 * hammering makes nothing better. Refusals that pile up end in a ban of 2 minutes, then 4, 8, and so on up to 3 days;
 * requests during a ban are refusals too and lengthen it in the same way, at most once a minute.
 */
export function createWeightLedger(options: WeightLedgerOptions) {
  const { clock, refusalsBeforeBan = 20, firstBanMs = 2 * MINUTE_MS } = options;
  const limits = { ...POOL_LIMITS, ...options.limits };
  const accounts = new Map<string, Account>();
  const tally = createTally();

  function accountOf(address: string): Account {
    let account = accounts.get(address);
    if (!account) {
      account = {
        used: new Map(),
        refusals: 0,
        lastRefusedAt: -Infinity,
        lastBanAt: -Infinity,
        bannedUntil: 0,
        offences: 0,
      };
      accounts.set(address, account);
    }
    return account;
  }

  /** Uses `cost` of the pool and answers what the window has seen by then. */
  function use(account: Account, pool: Exclude<Pool, 'none'>, cost: number, now: number): number {
    const windowStart = now - (now % limits[pool].windowMs);
    const window = account.used.get(pool);
    const amount = (window?.windowStart === windowStart ? window.amount : 0) + cost;
    account.used.set(pool, { windowStart, amount });
    return amount;
  }

  function noteRefusal(address: string, account: Account, now: number): void {
    if (now - account.lastRefusedAt > MINUTE_MS) account.refusals = 0;
    account.lastRefusedAt = now;
    account.refusals += 1;
    // Answers to requests that were already on their way must not make days of minutes.
    if (account.refusals < refusalsBeforeBan || now - account.lastBanAt < MINUTE_MS) return;
    if (now - account.bannedUntil > DAY_MS) account.offences = 0;
    startBan(address, account, now, Math.min(firstBanMs * 2 ** account.offences, LONGEST_BAN_MS));
  }

  function startBan(address: string, account: Account, now: number, lengthMs: number): void {
    account.offences += 1;
    account.refusals = 0;
    account.lastBanAt = now;
    account.bannedUntil = Math.max(account.bannedUntil, now + lengthMs);
    tally.noteBan({ address, from: now, until: account.bannedUntil });
  }

  return {
    tally,
    charge(address: string, pool: Pool, cost: number): Charge {
      const now = clock.now();
      const account = accountOf(address);
      const weight = pool === 'requestWeight' ? cost : 0;
      if (now < account.bannedUntil) {
        noteRefusal(address, account, now);
        tally.note({ address, now, outcome: 'banned', pool, cost });
        const { bannedUntil } = account;
        const retryAfterSec = Math.ceil((bannedUntil - now) / 1_000);
        return {
          outcome: 'banned',
          usedWeight: use(account, 'requestWeight', 0, now),
          retryAfterSec,
          bannedUntil,
        };
      }
      const usedWeight = use(account, 'requestWeight', weight, now);
      if (pool === 'none') {
        tally.note({ address, now, outcome: 'accepted', pool, cost });
        return { outcome: 'accepted', usedWeight };
      }
      const used = pool === 'requestWeight' ? usedWeight : use(account, pool, cost, now);
      const limit = limits[pool];
      if (used <= limit.limit) {
        tally.note({ address, now, outcome: 'accepted', pool, cost });
        return { outcome: 'accepted', usedWeight };
      }
      noteRefusal(address, account, now);
      tally.note({ address, now, outcome: 'refused', pool, cost });
      const retryAfterSec = Math.ceil((limit.windowMs - (now % limit.windowMs)) / 1_000);
      return { outcome: 'refused', usedWeight, retryAfterSec, limit };
    },
    /** Bans an address here and now, as the exchange may do for reasons of its own. */
    ban(address: string, lengthMs: number): void {
      startBan(address, accountOf(address), clock.now(), lengthMs);
    },
  };
}
