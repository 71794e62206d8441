import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { MarkPricesJob } from './markPrices.ts';
import type { PriceRow } from './table.ts';

/** Where a price is served as stale. */
const STALE_AFTER_MS = 3 * MINUTE_MS;
const MAX_AGE_SECONDS = STALE_AFTER_MS / SECOND_MS;
const MOST_SYMBOLS = 1_000;

const BatchQuery = z.object({
  symbols: z.string().transform((list) =>
    list
      .split(',')
      .map((symbol) => symbol.trim().toUpperCase())
      .filter((symbol) => symbol !== ''),
  ),
});

/** The original's funding API, answered from memory. `startedAt`: epoch ms. */
export function createFundingApi(options: {
  source: Pick<MarkPricesJob, 'table' | 'connection'>;
  clock: Clock;
  startedAt: number;
}): Express {
  const { source, clock, startedAt } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  app.get('/', (_request, response) => {
    response.json({
      service: 'VolSpike funding API',
      endpoints: ['/funding/health', '/funding/batch?symbols=BTCUSDT,ETHUSDT', '/funding/{symbol}'],
    });
  });

  app.get('/funding/health', (_request, response) => {
    const health = describeHealth(source, clock.now(), startedAt);
    response.status(health.status === 'healthy' ? 200 : 503).json(health);
  });

  // Before `/funding/:symbol`, which would match it as a symbol named batch.
  app.get('/funding/batch', (request, response) => {
    const query = BatchQuery.safeParse(request.query);
    if (!query.success || query.data.symbols.length === 0 || query.data.symbols.length > MOST_SYMBOLS) {
      const error = `symbols must be a comma list of 1 to ${MOST_SYMBOLS} symbols`;
      response.status(422).json({ detail: { error } });
      return;
    }
    const { symbols } = query.data;
    const now = clock.now();
    const fresh = symbols
      .flatMap((symbol) => source.table.rowOf(symbol) ?? [])
      .filter((row) => isFresh(row, now));
    const found = new Set(fresh.map((row) => row.symbol));
    response.json({
      data: fresh.map((row) => describeRow(row, now)),
      found: fresh.length,
      missing: symbols.filter((symbol) => !found.has(symbol)),
      total: symbols.length,
    });
  });

  app.get('/funding/:symbol', (request, response) => {
    const { symbol } = request.params;
    const now = clock.now();
    const row = source.table.rowOf(symbol);
    if (!row) {
      response.status(404).json({ detail: { error: 'Symbol not found', symbol } });
    } else if (!isFresh(row, now)) {
      const ageSeconds = ageOf(row, now);
      const maxAgeSeconds = MAX_AGE_SECONDS;
      response.status(503).json({ detail: { error: 'Data stale', symbol, ageSeconds, maxAgeSeconds } });
    } else {
      response.json(describeRow(row, now));
    }
  });

  app.use((_request, response) => void response.status(404).json({ detail: 'Not Found' }));
  app.use(answerFault);

  return app;
}

/** Four parameters make it Express's error handler; the default one would show the stack. */
function answerFault(thrown: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const isTheirs = thrown instanceof URIError;
  response.status(isTheirs ? 400 : 500).json({ detail: isTheirs ? 'Bad Request' : 'Internal Server Error' });
}

function describeRow(row: PriceRow, now: number) {
  const { symbol, markPrice, fundingRate, nextFundingTime, indexPrice, updatedAt } = row;
  return {
    symbol,
    markPrice,
    fundingRate,
    nextFundingTime,
    indexPrice,
    updatedAt: updatedAt / SECOND_MS,
    ageSeconds: ageOf(row, now),
  };
}

/**
 * Judged by the symbols that the source still lists. The original also counted delisted ones, so one delisting made it
 * unhealthy until its next restart.
 */
function describeHealth(
  { table, connection }: Pick<MarkPricesJob, 'table' | 'connection'>,
  now: number,
  startedAt: number,
) {
  const { connected, lastConnectedAt, lastMessageAt, messagesReceived, reconnectAttempts } = connection();
  const ages = table.listed().map((row) => ageOf(row, now));
  const oldest = ages.length === 0 ? null : Math.max(...ages);
  const healthy = connected && oldest !== null && oldest < MAX_AGE_SECONDS;
  const silentSince = lastMessageAt ?? startedAt;
  return {
    status: healthy ? ('healthy' as const) : ('unhealthy' as const),
    websocketConnected: connected,
    symbolCount: ages.length,
    uptimeSeconds: seconds(now - startedAt),
    lastConnectedTime: lastConnectedAt === null ? null : lastConnectedAt / SECOND_MS,
    messagesReceived,
    reconnectAttempts,
    ...(oldest === null ? {} : { oldestDataAgeSeconds: oldest, newestDataAgeSeconds: Math.min(...ages) }),
    ...(connected ? {} : { disconnectedForSeconds: seconds(now - silentSince) }),
    ...(healthy ? {} : { error: faultOf(connected, oldest) }),
  };
}

function faultOf(connected: boolean, oldestAgeSeconds: number | null): string {
  if (!connected) return 'WebSocket disconnected';
  return oldestAgeSeconds === null ? 'No data' : `Oldest data is ${oldestAgeSeconds} s old`;
}

function isFresh(row: PriceRow, now: number): boolean {
  return now - row.updatedAt < STALE_AFTER_MS;
}

function ageOf(row: PriceRow, now: number): number {
  return seconds(now - row.updatedAt);
}

/** To the millisecond, and never below 0. */
function seconds(ms: number): number {
  return Math.max(0, Math.round(ms)) / SECOND_MS;
}
