import { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Exchange, HistoryPage, OpenInterestPoint } from '../collector.types.ts';
import { ExchangeError } from './exchangeError.ts';
import { parseOptionalJson } from '../process/fileState.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { refusalOf, type Answer } from './answer.ts';
import { createHttpGet } from './http.ts';
import { ExchangeInfoBody, OpenInterestBody, OpenInterestHistRow, TickerRow } from './binance.types.ts';
import { createClockSkew } from './clockSkew.ts';
import { MOST_AHEAD_MS } from './mostAhead.ts';
import type { BudgetRequest, RequestBudget } from './budget/requestBudget.ts';
import type { Priority } from './budget/requestQueue.ts';

export type BinanceClient = Exchange & {
  /** The same client and budget, for work that can wait behind the poller's. */
  spare: Exchange;
  /** How far the exchange's clock is ahead of the system's; `null` before the first answer. */
  clockAheadMs(): number | null;
};

/** How the exchange weighs what we ask. Time limits count from the sending, not from the wait for the budget. */
const OPEN_INTEREST = { pool: 'weight', weight: 1, timeoutMs: 5 * SECOND_MS } as const;
const EXCHANGE_INFO = { pool: 'weight', weight: 1, timeoutMs: 30 * SECOND_MS } as const;
const ALL_TICKERS = { pool: 'weight', weight: 40, timeoutMs: 30 * SECOND_MS } as const;
const HISTORY = { pool: 'futuresData', weight: 1, timeoutMs: 10 * SECOND_MS } as const;
const MOST_POINTS = 500;

/** The exchange's REST side. `clock` is the system's, as it is compared with the exchange's; the budget has its own. */
export function createBinanceClient(options: {
  restUrl: string;
  /** Where to ask for exchangeInfo instead; `null`: at the exchange. */
  proxyUrl: string | null;
  budget: RequestBudget;
  clock: Clock;
  outbound: Pick<Outbound, 'dispatcherFor'>;
  headers?: Readonly<Record<string, string>>;
}): BinanceClient {
  const { restUrl, proxyUrl, budget, clock } = options;
  const http = createHttpGet(options);
  const skew = createClockSkew();

  /** Answers the body, parsed, of an answer 200. */
  async function ask(
    path: string,
    query: Readonly<Record<string, string | number>>,
    how: Omit<BudgetRequest, 'signal'> & { timeoutMs: number },
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { timeoutMs, ...request } = how;
    const url = `${restUrl}${path}${queryOf(query)}`;
    const answer = await budget.run({ ...request, signal }, () => send(url, timeoutMs, signal));
    if (answer.head.status !== 200) throw refusalOf(path, answer, budget.closedUntil(how.pool));
    return parseBody(path, answer);
  }

  async function send(url: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Answer> {
    const sentAt = clock.now();
    const answer = await http.get(url, { timeoutMs, signal });
    skew.observe({ sentAt, answeredAt: clock.now(), exchangeTime: answer.head.exchangeTime });
    return answer;
  }

  async function openInterest(symbol: string, signal: AbortSignal | undefined, priority: Priority) {
    const path = '/fapi/v1/openInterest';
    const body = await ask(path, { symbol }, { ...OPEN_INTEREST, priority }, signal);
    const reading = parse(path, OpenInterestBody, body);
    if (reading.symbol !== symbol) {
      throw new ExchangeError('unavailable', `${path}: answered ${reading.symbol} when asked for ${symbol}`);
    }
    requireNotAhead(path, reading);
    return { symbol, openInterest: reading.openInterest, ts: reading.time, fetchedAt: clock.now() };
  }

  /** By the exchange's own clock, as this machine's may be the one that is wrong. */
  function requireNotAhead(path: string, { symbol, time }: z.output<typeof OpenInterestBody>): void {
    const aheadMs = time - (clock.now() + (skew.aheadMs() ?? 0));
    if (aheadMs <= MOST_AHEAD_MS) return;
    const sec = Math.round(aheadMs / SECOND_MS);
    throw new ExchangeError(
      'unavailable',
      `${path}: the time of ${symbol} lies ${sec} s ahead of the exchange's clock`,
    );
  }

  /** The proxy is not the exchange: it costs nothing here, and may be asked during a ban. */
  async function exchangeInfoOfProxy(url: string, signal: AbortSignal | undefined): Promise<unknown> {
    const path = '/api/binance/futures/info';
    const answer = await http.get(url + path, { timeoutMs: EXCHANGE_INFO.timeoutMs, signal });
    if (answer.head.status !== 200) {
      const message = `BINANCE_PROXY_URL ${path}: answered ${answer.head.status}`;
      throw new ExchangeError('unavailable', message, { status: answer.head.status });
    }
    return parseBody(path, answer);
  }

  async function exchangeInfo(signal?: AbortSignal): Promise<unknown> {
    const path = '/fapi/v1/exchangeInfo';
    const body =
      proxyUrl === null
        ? await ask(path, {}, { ...EXCHANGE_INFO, priority: 'reserved' }, signal)
        : await exchangeInfoOfProxy(proxyUrl, signal);
    parse(path, ExchangeInfoBody, body);
    return body;
  }

  async function quoteVolumes24h(signal?: AbortSignal): Promise<Map<string, number>> {
    const path = '/fapi/v1/ticker/24hr';
    const body = await ask(path, {}, { ...ALL_TICKERS, priority: 'reserved' }, signal);
    const rows = parse(path, z.array(z.unknown()), body).map((row) => TickerRow.safeParse(row));
    const volumes = new Map(
      rows.flatMap((it) => (it.success ? [[it.data.symbol, it.data.quoteVolume]] : [])),
    );
    if (volumes.size === 0) throw new ExchangeError('unavailable', `${path}: answered no ticker`);
    return volumes;
  }

  async function openInterestHist(
    { symbol, from, to, limit = MOST_POINTS }: Parameters<Exchange['openInterestHist']>[0],
    signal?: AbortSignal,
  ): Promise<HistoryPage> {
    const path = '/futures/data/openInterestHist';
    const query = { symbol, period: '5m', limit: Math.min(limit, MOST_POINTS), startTime: from, endTime: to };
    const body = await ask(path, query, { ...HISTORY, priority: 'spare' }, signal);
    const rows = parse(path, z.array(z.unknown()), body).map((row) => OpenInterestHistRow.safeParse(row));
    const readable = rows.flatMap((row) => (row.success ? [row.data] : []));
    const leftOut = rows.length - readable.length;
    // Asking again would bring the same page.
    if (leftOut > 0 && readable.length === 0) {
      throw new ExchangeError('refused', `${path}: none of ${leftOut} rows of ${symbol} can be read`);
    }
    const points = readable
      .filter((row) => row.symbol === symbol && row.timestamp >= from && row.timestamp <= to)
      .map(toPoint)
      .sort((a, b) => a.ts - b.ts);
    return { points, leftOut };
  }

  return {
    openInterest: (symbol, signal) => openInterest(symbol, signal, 'steady'),
    exchangeInfo,
    quoteVolumes24h,
    openInterestHist,
    spare: {
      openInterest: (symbol, signal) => openInterest(symbol, signal, 'spare'),
      exchangeInfo,
      quoteVolumes24h,
      openInterestHist,
    },
    clockAheadMs: () => skew.aheadMs(),
  };
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
  const parsed = parseOptionalJson(body);
  if (parsed === undefined) throw new ExchangeError('unavailable', `${path}: the answer is torn or no JSON`);
  return parsed;
}

function parse<Schema extends z.ZodType>(path: string, schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the answer';
  throw new ExchangeError('unavailable', `${path}: ${where} is not as documented: ${issue?.message}`);
}
