import type { Request, Response } from 'express';
import { Counter, Histogram, type Registry } from 'prom-client';

export type HttpMetrics = {
  observe(request: Request, response: Response): void;
  /** A connection that was closed or refused, by reason. */
  countRefused(reason: string): void;
};

/** Labels are routes as they are defined and statuses, so their number does not grow with what callers send. */
export function createHttpMetrics(registry: Registry): HttpMetrics {
  const seconds = new Histogram({
    name: 'oi_http_request_duration_seconds',
    help: 'Time to answer a request, by route and status',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const refused = new Counter({
    name: 'oi_http_connections_refused_total',
    help: 'Connections closed for too many unanswered requests or for not reading, or refused because of too many',
    labelNames: ['reason'] as const,
    registers: [registry],
  });
  return {
    countRefused: (reason) => refused.inc({ reason }),
    observe(request, response) {
      const end = seconds.startTimer();
      response.once('finish', () => {
        const route = response.locals['route'] as string | undefined;
        end({
          method: KNOWN_METHODS.has(request.method) ? request.method : 'OTHER',
          route: route ?? 'none',
          status: response.statusCode,
        });
      });
    },
  };
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);
