import type { z } from 'zod';
import { SECOND_MS } from '../../kit/clock.ts';
import type { Exchange, HistoryPage, OpenInterestPoint, OpenInterestReading } from '../collector.types.ts';
import { MOST_AHEAD_MS } from '../../openInterest/ingest/ingest.types.ts';
import { createClockSkew } from '../process/clockSkew.ts';
import { ask, parse, parseBody, parseRows, type ClientContext, type ClientOptions } from './ask.ts';
import {
  ExchangeInfoBody,
  FundingInfoRow,
  OpenInterestBody,
  OpenInterestHistRow,
  TickerRow,
} from './binance.types.ts';
import type { Priority } from './budget/requestQueue.ts';
import { coinsPerContract } from './coinsPerContract.ts';
import { ExchangeError } from './exchangeError.ts';
import { createHttpGet } from './http.ts';
import { readPositioning } from './positioning.ts';

/** How the exchange weighs each request. A time limit counts from the sending, not from the wait for the budget. */
const OPEN_INTEREST = { pool: 'weight', weight: 1, timeoutMs: 5 * SECOND_MS } as const;
const EXCHANGE_INFO = { pool: 'weight', weight: 1, timeoutMs: 30 * SECOND_MS } as const;
const ALL_TICKERS = { pool: 'weight', weight: 40, timeoutMs: 30 * SECOND_MS } as const;
/** Weighs nothing; its own limit of 500 requests in 5 min is far away. */
const FUNDING_INFO = { pool: 'weight', weight: 0, timeoutMs: 30 * SECOND_MS } as const;
const HISTORY = { pool: 'futuresData', weight: 1, timeoutMs: 10 * SECOND_MS } as const;
const HISTORY_PATH = '/futures/data/openInterestHist';
const MOST_POINTS = 500;

export type BinanceClient = ReturnType<typeof createBinanceClient>;

/** The exchange's REST API. `clock` is the system's, because it is compared with the exchange's; the budget has its own. */
export function createBinanceClient(options: ClientOptions) {
  const skew = createClockSkew();
  const context: ClientContext = { ...options, http: createHttpGet(options), skew };
  const withPriority = (priority: Priority): Exchange => ({
    openInterest: (symbol, signal) => openInterest(context, symbol, priority, signal),
    exchangeInfo: (signal) => exchangeInfo(context, signal),
    quoteVolumes24h: (signal) => quoteVolumes24h(context, signal),
    fundingIntervalHours: (signal) => fundingIntervalHours(context, signal),
    circulatingSupply: (symbol, signal) => circulatingSupply(context, symbol, signal),
    openInterestHist: (query, signal) => openInterestHist(context, query, signal),
    positioning: (query, signal) => readPositioning(context, query, signal),
  });
  return {
    ...withPriority('steady'),
    /** The same client and budget, for work that can wait behind the poller's. */
    spare: withPriority('spare'),
    /** How far the exchange's clock is ahead of the system's; `null` before the first answer. */
    clockAheadMs: () => skew.aheadMs(),
  };
}

async function openInterest(
  context: ClientContext,
  symbol: string,
  priority: Priority,
  signal: AbortSignal | undefined,
): Promise<OpenInterestReading> {
  const path = '/fapi/v1/openInterest';
  const body = await ask(context, { path, query: { symbol }, cost: OPEN_INTEREST, priority, signal });
  const reading = parse(path, OpenInterestBody, body);
  if (reading.symbol !== symbol) {
    throw new ExchangeError('unavailable', `${path}: answered ${reading.symbol} when asked for ${symbol}`);
  }
  requireNotAhead(context, path, reading);
  return { symbol, openInterest: reading.openInterest, ts: reading.time, fetchedAt: context.clock.now() };
}

/** By the exchange's own clock, because this machine's may be the wrong one. */
function requireNotAhead(
  { clock, skew }: ClientContext,
  path: string,
  { symbol, time }: z.output<typeof OpenInterestBody>,
): void {
  const aheadMs = time - (clock.now() + (skew.aheadMs() ?? 0));
  if (aheadMs <= MOST_AHEAD_MS) return;
  const sec = Math.round(aheadMs / SECOND_MS);
  const message = `${path}: the time of ${symbol} lies ${sec} s ahead of the exchange's clock`;
  throw new ExchangeError('unavailable', message);
}

async function exchangeInfo(context: ClientContext, signal: AbortSignal | undefined): Promise<unknown> {
  const { proxyUrl } = context;
  const path = '/fapi/v1/exchangeInfo';
  const body =
    proxyUrl === null
      ? await ask(context, { path, cost: EXCHANGE_INFO, priority: 'reserved', signal })
      : await exchangeInfoOfProxy(context, proxyUrl, signal);
  parse(path, ExchangeInfoBody, body);
  return body;
}

/** A proxy is not the exchange: it costs no weight here and may be asked during a ban. */
async function exchangeInfoOfProxy(
  { http }: ClientContext,
  url: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const path = '/api/binance/futures/info';
  const answer = await http.get(url + path, { timeoutMs: EXCHANGE_INFO.timeoutMs, signal });
  const { status } = answer.head;
  if (status === 200) return parseBody(path, answer);
  throw new ExchangeError('unavailable', `BINANCE_PROXY_URL ${path}: answered ${status}`, { status });
}

async function quoteVolumes24h(
  context: ClientContext,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const path = '/fapi/v1/ticker/24hr';
  const body = await ask(context, { path, cost: ALL_TICKERS, priority: 'reserved', signal });
  const { rows } = parseRows(path, TickerRow, body);
  if (rows.length === 0) throw new ExchangeError('unavailable', `${path}: answered no ticker`);
  return new Map(rows.map((it) => [it.symbol, it.quoteVolume]));
}

async function fundingIntervalHours(
  context: ClientContext,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const path = '/fapi/v1/fundingInfo';
  const body = await ask(context, { path, cost: FUNDING_INFO, priority: 'reserved', signal });
  const { rows } = parseRows(path, FundingInfoRow, body);
  return new Map(rows.map((it) => [it.symbol, it.fundingIntervalHours]));
}

async function openInterestHist(
  context: ClientContext,
  { symbol, from, to, limit = MOST_POINTS }: Parameters<Exchange['openInterestHist']>[0],
  signal: AbortSignal | undefined,
): Promise<HistoryPage> {
  const path = HISTORY_PATH;
  const query = { symbol, period: '5m', limit: Math.min(limit, MOST_POINTS), startTime: from, endTime: to };
  const body = await ask(context, { path, query, cost: HISTORY, priority: 'spare', signal });
  const { rows, leftOut } = parseRows(path, OpenInterestHistRow, body);
  // A retry would return the same page.
  if (leftOut > 0 && rows.length === 0) {
    throw new ExchangeError('refused', `${path}: none of ${leftOut} rows of ${symbol} can be read`);
  }
  const points = rows
    .filter((row) => row.symbol === symbol && row.timestamp >= from && row.timestamp <= to)
    .map(toPoint)
    .sort((a, b) => a.ts - b.ts);
  return { points, leftOut };
}

/** The newest row of the history has it. */
async function circulatingSupply(
  context: ClientContext,
  symbol: string,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const query = { symbol, period: '5m', limit: 1 };
  const body = await ask(context, { path: HISTORY_PATH, query, cost: HISTORY, priority: 'spare', signal });
  const row = parseRows(HISTORY_PATH, OpenInterestHistRow, body).rows.find((it) => it.symbol === symbol);
  const coins = row?.CMCCirculatingSupply ?? null;
  return coins === null ? null : coins / coinsPerContract(symbol);
}

function toPoint(row: z.output<typeof OpenInterestHistRow>): OpenInterestPoint {
  const { symbol, sumOpenInterest, sumOpenInterestValue, timestamp } = row;
  return { symbol, openInterest: sumOpenInterest, openInterestUsd: sumOpenInterestValue, ts: timestamp };
}
