import type { BlockedBy } from '../openInterest/operator/collectors/heartbeat.types.ts';

/**
 * What the collector's parts know of each other. The exchange side (client, request budget, mark prices) and the poller's
 * side (universe, poller, alerts, spool) meet here and nowhere else. Times are epoch milliseconds.
 */

/** The exchange's answer for one symbol. */
export type OpenInterestReading = {
  symbol: string;
  /** Contracts. */
  openInterest: number;
  /** The exchange's own time of the figure. */
  ts: number;
  /** When the answer was here. */
  fetchedAt: number;
};

/** One five-minute point of the exchange's own history. */
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
  /** Rows that could not be read. */
  leftOut: number;
};

/**
 * The exchange, as far as the collector asks it. Every call waits for the request budget; during a ban none is made.
 * Rejects with an ExchangeError whose `kind` says what to do.
 */
export type Exchange = {
  openInterest(symbol: string, signal?: AbortSignal): Promise<OpenInterestReading>;
  /** The raw body, for `filterUsdtPerps`. */
  exchangeInfo(signal?: AbortSignal): Promise<unknown>;
  /** 24 h quote volume in USD by symbol. */
  quoteVolumes24h(signal?: AbortSignal): Promise<Map<string, number>>;
  /** At most 500 points of 5 min, the newest of the range; the exchange keeps 30 days and refuses an earlier `from`. */
  openInterestHist(
    query: { symbol: string; from: number; to: number; limit?: number },
    signal?: AbortSignal,
  ): Promise<HistoryPage>;
};

/**
 * - `banned`: the address is banned until `until`; nothing is sent before
 * - `throttled`: the exchange said 429, or lets this address in no more for a while (403, 451); nothing is sent before `until`
 * - `unknown_symbol`: the symbol does not exist (any more)
 * - `refused`: this request is wrong or not allowed here (4xx); sending it again changes nothing
 * - `unavailable`: 5xx, network, timeout or a torn answer; it may work next time
 */
export type ExchangeErrorKind = 'banned' | 'throttled' | 'unknown_symbol' | 'refused' | 'unavailable';

/** A time in which the exchange is asked nothing. `until`: epoch ms of the system's clock. */
export type ExchangeClosure = { by: BlockedBy; until: number; reason: string };

/** How much of the address's weight is used, and whether it may be used at all. */
export type BudgetStatus = {
  /** Weight used in the running minute by everybody on this address, as far as is known. */
  usedWeight: number;
  /** Of it, what this process has used. */
  oursWeight: number;
  /** Of it, what other programs have used; `null`: not known yet. */
  othersWeight: number | null;
  budget: number;
  limit: number;
  bannedUntil: number | null;
  /** Why nothing is asked at the moment, by what it counts against; `null`: it may be asked. */
  closures: Readonly<Record<'weight' | 'futuresData', ExchangeClosure | null>>;
  /** How long the first in line has waited for weight; 0: nobody waits. */
  waitingMs: number;
  status429: number;
  status418: number;
};

/** A symbol's mark price with its age: what makes USD of contracts. */
export type MarkPrice = {
  markPrice: number;
  fundingRate: number | null;
  /** When we heard it, by our own clock: its age does not depend on the exchange's. */
  updatedAt: number;
};

export type MarkPrices = {
  /** `null`: never seen, or older than what may be used. Never 0. */
  priceOf(symbol: string): MarkPrice | null;
  status(): {
    state: 'up' | 'slow' | 'down';
    symbols: number;
    /** Age of the newest price; `null` before the first. */
    newestAgeMs: number | null;
    note: string | null;
  };
};
