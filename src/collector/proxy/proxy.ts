import cors from 'cors';
import express, { type Express, type Response } from 'express';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { describeError } from '../../kit/errors.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange } from '../collector.types.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { createFailures } from '../heartbeat/failures.ts';
import { createHttpListener } from '../process/httpListener.ts';
import { createCache, FRESH_FOR_MS } from './cache.ts';

export type ProxyJob = Job & { port(): number | null };

/** The port is open to strangers, and an answer on its way is a megabyte: they must not use up what the poller needs. */
const MAX_CONNECTIONS = 128;

/**
 * Hands the exchange's list of contracts to machines that it does not serve, and to pages of the origins named. It
 * forwards nothing else: an open door to the exchange would let anybody use up this address's request weight.
 */
export function createProxyJob(options: {
  port: number;
  host: string;
  /** Like `https://example.com`; no other page may read the answers. */
  allowedOrigins: readonly string[];
  exchange: Pick<Exchange, 'exchangeInfo'>;
  clock: Clock;
}): ProxyJob {
  const { clock, exchange } = options;
  const cache = createCache({ read: () => exchange.exchangeInfo(), clock });
  const counts = { ok: 0, failed: 0, lastAt: null as number | null };
  let trouble: string | null = null;
  const failures = createFailures({ clock, systemClock: clock });

  const app: Express = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(cors({ origin: [...options.allowedOrigins], methods: ['GET'], maxAge: 600 }));

  app.get('/health', (_request, response) => {
    response.json({ status: 'ok', service: 'binance-proxy', timestamp: isoNow() });
  });

  app.get('/api/binance/futures/info', async (_request, response) => {
    counts.lastAt = clock.now();
    try {
      const { json, readAt, stale } = await cache.get();
      counts.ok += 1;
      trouble = stale ? 'the exchange does not answer; an older answer stands in' : null;
      response.set({
        'Content-Type': 'application/json; charset=utf-8',
        'Cache-Control': `public, max-age=${FRESH_FOR_MS / SECOND_MS}`,
        Age: String(Math.max(0, Math.floor((clock.now() - readAt) / SECOND_MS))),
        'X-Cache': stale ? 'stale' : 'ok',
      });
      response.send(json);
    } catch (thrown) {
      counts.failed += 1;
      trouble = describeError(thrown);
      failures.note(thrown);
      answerFailure(response, thrown);
    }
  });

  app.use((request, response) => {
    response
      .status(404)
      .json({ error: 'Not found', message: `there is no ${request.path}`, timestamp: isoNow() });
  });

  function answerFailure(response: Response, thrown: unknown): void {
    const message = describeError(thrown);
    const error = thrown instanceof ExchangeError ? thrown : null;
    // Without a status of the exchange's own, we have not asked it, because it has closed; or it has not answered.
    const status = error?.status ?? (error?.until ? 503 : 500);
    if (error?.until) {
      response.set('Retry-After', String(Math.max(1, Math.ceil((error.until - clock.now()) / SECOND_MS))));
    }
    response.status(status).json({ error: 'Failed to fetch from Binance', message, timestamp: isoNow() });
  }

  function isoNow(): string {
    return new Date(clock.now()).toISOString();
  }

  const listener = createHttpListener({
    handler: app,
    port: options.port,
    host: options.host,
    setting: 'PROXY_PORT',
    maxConnections: MAX_CONNECTIONS,
  });
  return {
    start: listener.open,
    stop: listener.close,
    port: listener.port,
    status(): JobStatus {
      const state = listener.port() === null ? 'down' : trouble === null ? 'up' : 'slow';
      return {
        name: 'proxy',
        state,
        lastRunAt: counts.lastAt,
        lastError: failures.last(),
        ok: counts.ok,
        failed: counts.failed,
        ...(trouble === null ? {} : { note: trouble.slice(0, 500) }),
      };
    },
  };
}
