import { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Exchange, HistoryPage, OpenInterestPoint, OpenInterestReading } from '../collector.types.ts';
import { ExchangeError } from './exchangeError.ts';
import { parseJson } from '../../kit/parseJson.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { refusalOf, type Answer } from './answer.ts';
import { coinsPerContract } from './coinsPerContract.ts';
import { createHttpGet } from './http.ts';
import {
  ExchangeInfoBody,
  FundingInfoRow,
  OpenInterestBody,
  OpenInterestHistRow,
  TickerRow,
} from './binance.types.ts';
import { createClockSkew } from '../process/clockSkew.ts';
import { MOST_AHEAD_MS } from '../collector.types.ts';
import type { BudgetRequest, RequestBudget } from './budget/requestBudget.ts';
import type { Priority } from './budget/requestQueue.ts';

/** How the exchange weighs each request. A time limit counts from the sending, not from the wait for the budget. */
const OPEN_INTEREST = { pool: 'weight', weight: 1, timeoutMs: 5 * SECOND_MS } as const;
const EXCHANGE_INFO = { pool: 'weight', weight: 1, timeoutMs: 30 * SECOND_MS } as const;
const ALL_TICKERS = { pool: 'weight', weight: 40, timeoutMs: 30 * SECOND_MS } as const;
/** Weighs nothing; its own limit of 500 requests in 5 min is far away. */
const FUNDING_INFO = { pool: 'weight', weight: 0, timeoutMs: 30 * SECOND_MS } as const;
const HISTORY = { pool: 'futuresData', weight: 1, timeoutMs: 10 * SECOND_MS } as const;
const HISTORY_PATH = '/futures/data/openInterestHist';
const MOST_POINTS = 500;

type ClientOptions = {
  restUrl: string;
  /** Serves exchangeInfo in place of the exchange; `null`: ask the exchange. */
  proxyUrl: string | null;
  budget: RequestBudget;
  clock: Clock;
  outbound: Pick<Outbound, 'dispatcherFor'>;
  headers?: Readonly<Record<string, string>>;
};

type Context = ClientOptions & {
  http: ReturnType<typeof createHttpGet>;
  skew: ReturnType<typeof createClockSkew>;
};

type Request = {
  path: string;
  query?: Readonly<Record<string, string | number>>;
  cost: Omit<BudgetRequest, 'signal' | 'priority'> & { timeoutMs: number };
  priority: Priority;
  signal: AbortSignal | undefined;
};

export type BinanceClient = ReturnType<typeof createBinanceClient>;

/** The exchange's REST API. `clock` is the system's, because it is compared with the exchange's; the budget has its own. */
export function createBinanceClient(options: ClientOptions) {
  const skew = createClockSkew();
  const context: Context = { ...options, http: createHttpGet(options), skew };
  const withPriority = (priority: Priority): Exchange => ({
    openInterest: (symbol, signal) => openInterest(context, symbol, priority, signal),
    exchangeInfo: (signal) => exchangeInfo(context, signal),
    quoteVolumes24h: (signal) => quoteVolumes24h(context, signal),
    fundingIntervalHours: (signal) => fundingIntervalHours(context, signal),
    circulatingSupply: (symbol, signal) => circulatingSupply(context, symbol, signal),
    openInterestHist: (query, signal) => openInterestHist(context, query, signal),
  });
  return {
    ...withPriority('steady'),
    /** The same client and budget, for work that can wait behind the poller's. */
    spare: withPriority('spare'),
    /** How far the exchange's clock is ahead of the system's; `null` before the first answer. */
    clockAheadMs: () => skew.aheadMs(),
  };
}

/** The parsed body of an answer 200. */
async function ask(
  context: Context,
  { path, query = {}, cost, priority, signal }: Request,
): Promise<unknown> {
  const { restUrl, budget, clock, http, skew } = context;
  const { timeoutMs, pool, weight } = cost;
  const answer = await budget.run({ pool, weight, priority, signal }, async () => {
    const sentAt = clock.now();
    const got = await http.get(`${restUrl}${path}${queryOf(query)}`, { timeoutMs, signal });
    skew.observe({ sentAt, answeredAt: clock.now(), exchangeTime: got.head.exchangeTime });
    return got;
  });
  if (answer.head.status !== 200) throw refusalOf(path, answer, budget.closedUntil(pool));
  return parseBody(path, answer);
}

async function openInterest(
  context: Context,
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
  { clock, skew }: Context,
  path: string,
  { symbol, time }: z.output<typeof OpenInterestBody>,
): void {
  const aheadMs = time - (clock.now() + (skew.aheadMs() ?? 0));
  if (aheadMs <= MOST_AHEAD_MS) return;
  const sec = Math.round(aheadMs / SECOND_MS);
  const message = `${path}: the time of ${symbol} lies ${sec} s ahead of the exchange's clock`;
  throw new ExchangeError('unavailable', message);
}

async function exchangeInfo(context: Context, signal: AbortSignal | undefined): Promise<unknown> {
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
  { http }: Context,
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
  context: Context,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const path = '/fapi/v1/ticker/24hr';
  const body = await ask(context, { path, cost: ALL_TICKERS, priority: 'reserved', signal });
  const { rows } = parseRows(path, TickerRow, body);
  if (rows.length === 0) throw new ExchangeError('unavailable', `${path}: answered no ticker`);
  return new Map(rows.map((it) => [it.symbol, it.quoteVolume]));
}

async function fundingIntervalHours(
  context: Context,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const path = '/fapi/v1/fundingInfo';
  const body = await ask(context, { path, cost: FUNDING_INFO, priority: 'reserved', signal });
  const { rows } = parseRows(path, FundingInfoRow, body);
  return new Map(rows.map((it) => [it.symbol, it.fundingIntervalHours]));
}

async function openInterestHist(
  context: Context,
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
  context: Context,
  symbol: string,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const query = { symbol, period: '5m', limit: 1 };
  const body = await ask(context, { path: HISTORY_PATH, query, cost: HISTORY, priority: 'spare', signal });
  const row = parseRows(HISTORY_PATH, OpenInterestHistRow, body).rows.find((it) => it.symbol === symbol);
  const coins = row?.CMCCirculatingSupply ?? null;
  return coins === null ? null : coins / coinsPerContract(symbol);
}

/** The rows that match the schema, and the number of those that do not. */
function parseRows<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  body: unknown,
): { rows: z.output<Schema>[]; leftOut: number } {
  const parsed = parse(path, z.array(z.unknown()), body).map((row) => schema.safeParse(row));
  const rows = parsed.flatMap((it) => (it.success ? [it.data] : []));
  return { rows, leftOut: parsed.length - rows.length };
}

function toPoint(row: z.output<typeof OpenInterestHistRow>): OpenInterestPoint {
  const { symbol, sumOpenInterest, sumOpenInterestValue, timestamp } = row;
  return { symbol, openInterest: sumOpenInterest, openInterestUsd: sumOpenInterestValue, ts: timestamp };
}

/** Symbols are not ASCII: `币安人生USDT`. */
function queryOf(query: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function parseBody(path: string, { body }: Answer): unknown {
  const parsed = parseJson(body);
  if (parsed === undefined)
    throw new ExchangeError('unavailable', `${path}: the answer is incomplete or not JSON`);
  return parsed;
}

function parse<Schema extends z.ZodType>(path: string, schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the answer';
  throw new ExchangeError('unavailable', `${path}: ${where} is not as documented: ${issue?.message}`);
}
