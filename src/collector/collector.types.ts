import type { PositioningPoint } from '../openInterest/positioning/positioning.types.ts';
import type { BlockedBy } from '../openInterest/operator/collectors/heartbeat.types.ts';

/**
 * What the collector's rooms share: the exchange's side (client, budget, mark prices) and the poller's side (universe,
 * poller, alerts, spool) meet here only. Times are epoch milliseconds.
 */

/** The exchange's answer for one symbol. */
export type OpenInterestReading = {
  symbol: string;
  /** Contracts. */
  openInterest: number;
  /** The exchange's own time of the figure. */
  ts: number;
  /** When the answer arrived. */
  fetchedAt: number;
};

/** One five-minute point of the exchange's history. */
export type OpenInterestPoint = {
  symbol: string;
  openInterest: number;
  openInterestUsd: number | null;
  ts: number;
};

/** One answer of the exchange's history. */
export type HistoryPage = {
  /** Oldest first. */
  points: OpenInterestPoint[];
  /** Malformed rows. */
  leftOut: number;
};

/**
 * The requests that the collector makes to the exchange. Each waits for the request budget; during a ban none is sent.
 * Rejects with an ExchangeError whose `kind` says how to proceed.
 */
export type Exchange = {
  openInterest(symbol: string, signal?: AbortSignal): Promise<OpenInterestReading>;
  /** The raw body, for `filterUsdtPerps`. */
  exchangeInfo(signal?: AbortSignal): Promise<unknown>;
  /** 24 h quote volume in USD by symbol. */
  quoteVolumes24h(signal?: AbortSignal): Promise<Map<string, number>>;
  /** Hours between two fundings by symbol; a perpetual that is not named has the usual 8. */
  fundingIntervalHours(signal?: AbortSignal): Promise<Map<string, number>>;
  /** Circulating supply in contracts; `null`: the exchange has no figure for the symbol. */
  circulatingSupply(symbol: string, signal?: AbortSignal): Promise<number | null>;
  /** At most 500 points of 5 min, the newest of the range; the exchange keeps 30 days and refuses an earlier `from`. */
  openInterestHist(
    query: { symbol: string; from: number; to: number; limit?: number },
    signal?: AbortSignal,
  ): Promise<HistoryPage>;
  /** The newest `limit` (up to 500) points of 5 min of what traders hold, oldest first: four requests. */
  positioning(query: { symbol: string; limit: number }, signal?: AbortSignal): Promise<PositioningPoint[]>;
};

/**
 * - `banned`: the address is banned until `until`; nothing is sent before
 * - `throttled`: 429, or the address is refused for a while (403, 451); nothing is sent before `until`
 * - `unknown_symbol`: the symbol does not exist
 * - `refused`: the request is wrong or not allowed here (4xx); a retry changes nothing
 * - `unavailable`: 5xx, network, timeout or an incomplete answer; a retry may succeed
 */
export type ExchangeErrorKind = 'banned' | 'throttled' | 'unknown_symbol' | 'refused' | 'unavailable';

/** A time in which nothing is sent to the exchange. `until`: epoch ms of the system clock. */
export type ExchangeClosure = { by: BlockedBy; until: number; reason: string };

/** How much of the address's weight is used, and whether it may be used at all. */
export type BudgetStatus = {
  /** Weight used in the running minute by all programs on this address, as far as is known. */
  usedWeight: number;
  /** Of it, by this process. */
  oursWeight: number;
  /** Of it, by other programs; `null`: not known yet. */
  othersWeight: number | null;
  budget: number;
  limit: number;
  bannedUntil: number | null;
  /** Why nothing is sent at the moment, by counter; `null`: open. */
  closures: Readonly<Record<'weight' | 'futuresData', ExchangeClosure | null>>;
  /** How long the first queued request has waited for weight; 0: none waits. */
  waitingMs: number;
  status429: number;
  status418: number;
};

/** A symbol's mark price with its age: converts contracts to USD. */
export type MarkPrice = {
  markPrice: number;
  fundingRate: number | null;
  /** When it arrived, by our clock: its age does not depend on the exchange's. */
  updatedAt: number;
};

export type MarkPrices = {
  /** `null`: unknown, or too old to be used. Never 0. */
  priceOf(symbol: string): MarkPrice | null;
  status(): {
    state: 'up' | 'slow' | 'down';
    symbols: number;
    /** Age of the newest price; `null` before the first. */
    newestAgeMs: number | null;
    note: string | null;
  };
};
