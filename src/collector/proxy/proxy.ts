import cors from 'cors';
import express, { type Express, type Response } from 'express';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { describeError } from '../../kit/errors.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange } from '../collector.types.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { createFailures, type Failures } from '../process/failures.ts';
import { createHttpListener } from '../process/httpListener.ts';
import { createCache, FRESH_FOR_MS } from './cache.ts';

/** The port is public and an answer is a megabyte: callers must not use up what the poller needs. */
const MAX_CONNECTIONS = 128;

type ProxyOptions = {
  port: number;
  host: string;
  /** Like `https://example.com`; no other page may read the answers. */
  allowedOrigins: readonly string[];
  exchange: Pick<Exchange, 'exchangeInfo'>;
  clock: Clock;
};

type Context = {
  clock: Clock;
  cache: ReturnType<typeof createCache>;
  failures: Failures;
  counts: { ok: number; failed: number; lastAt: number | null };
  fault: string | null;
};

export type ProxyJob = ReturnType<typeof createProxyJob>;

/**
 * Serves the exchange's list of contracts to machines that it does not serve, and to pages of the allowed origins. It
 * forwards nothing else: an open proxy would let any client use up this address's request weight.
 */
export function createProxyJob({ port, host, allowedOrigins, exchange, clock }: ProxyOptions) {
  const context: Context = {
    clock,
    cache: createCache({ read: () => exchange.exchangeInfo(), clock }),
    failures: createFailures({ clock, systemClock: clock }),
    counts: { ok: 0, failed: 0, lastAt: null },
    fault: null,
  };
  const listener = createHttpListener({
    handler: createApp(context, allowedOrigins),
    port,
    host,
    setting: 'PROXY_PORT',
    maxConnections: MAX_CONNECTIONS,
  });
  return {
    start: listener.open,
    stop: listener.close,
    port: listener.port,
    status(): JobStatus {
      const { fault, failures, counts } = context;
      return {
        name: 'proxy',
        state: listener.port() === null ? 'down' : fault === null ? 'up' : 'slow',
        lastRunAt: counts.lastAt,
        lastError: failures.last(),
        ok: counts.ok,
        failed: counts.failed,
        ...(fault !== null && { note: fault.slice(0, 500) }),
      };
    },
  } satisfies Job & Record<string, unknown>;
}

function createApp(context: Context, allowedOrigins: readonly string[]): Express {
  const { clock } = context;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(cors({ origin: [...allowedOrigins], methods: ['GET'], maxAge: 600 }));
  app.get('/health', (_request, response) => {
    response.json({ status: 'ok', service: 'binance-proxy', timestamp: isoNow(clock) });
  });
  app.get('/api/binance/futures/info', (_request, response) => answerInfo(context, response));
  app.use((request, response) => {
    const message = `there is no ${request.path}`;
    response.status(404).json({ error: 'Not found', message, timestamp: isoNow(clock) });
  });
  return app;
}

async function answerInfo(context: Context, response: Response): Promise<void> {
  const { clock, cache, counts, failures } = context;
  counts.lastAt = clock.now();
  try {
    const { json, readAt, isFallback } = await cache.get();
    counts.ok += 1;
    context.fault = isFallback ? 'the exchange does not answer; serving an older answer' : null;
    response.set({
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': `public, max-age=${FRESH_FOR_MS / SECOND_MS}`,
      Age: String(Math.max(0, Math.floor((clock.now() - readAt) / SECOND_MS))),
      'X-Cache': isFallback ? 'stale' : 'ok',
    });
    response.send(json);
  } catch (thrown) {
    counts.failed += 1;
    context.fault = describeError(thrown);
    failures.note(thrown);
    answerFailure(clock, response, thrown);
  }
}

function answerFailure(clock: Clock, response: Response, thrown: unknown): void {
  const message = describeError(thrown);
  const error = thrown instanceof ExchangeError ? thrown : null;
  // Without a status of the exchange, either nothing was sent, because it refuses requests, or it has not answered.
  const status = error?.status ?? (error?.until ? 503 : 500);
  if (error?.until) {
    response.set('Retry-After', String(Math.max(1, Math.ceil((error.until - clock.now()) / SECOND_MS))));
  }
  response.status(status).json({ error: 'Failed to fetch from Binance', message, timestamp: isoNow(clock) });
}

function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
