import type { Clock } from '../../kit/clock.ts';
import type { Job } from '../job.types.ts';
import { createHttpListener } from '../process/httpListener.ts';
import { createFundingApi } from './fundingApi.ts';
import type { MarkPricesJob } from './markPrices.ts';

/** Several programs of this machine, each with a request for every symbol at once. */
const MAX_CONNECTIONS = 4_096;

/** Serves the funding API to programs of this machine only. */
export function createFundingApiJob(options: {
  port: number;
  source: Pick<MarkPricesJob, 'table' | 'connection'>;
  clock: Clock;
}) {
  const { port, source, clock } = options;
  const app = createFundingApi({ source, clock, startedAt: clock.now() });
  const counts = { ok: 0, failed: 0, lastAt: null as number | null };
  const listener = createHttpListener({
    port,
    host: '127.0.0.1',
    setting: 'FUNDING_API_PORT',
    maxConnections: MAX_CONNECTIONS,
    handler(request, response) {
      response.once('finish', () => {
        counts[response.statusCode < 400 ? 'ok' : 'failed'] += 1;
        counts.lastAt = clock.now();
      });
      app(request, response);
    },
  });

  return {
    start: listener.open,
    stop: listener.close,
    port: listener.port,
    status: () => ({
      name: 'funding-api',
      state: listener.port() === null ? 'down' : 'up',
      lastRunAt: counts.lastAt,
      ok: counts.ok,
      failed: counts.failed,
    }),
  } satisfies Job & { port(): number | null };
}
