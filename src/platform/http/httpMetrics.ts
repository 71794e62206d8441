import type { Request, Response } from 'express';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Labels are defined routes, known methods and statuses, so requests cannot create new series. */
export function createHttpMetrics(registry: Registry) {
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
    /** Counts a closed or refused connection. */
    countRefused: (reason: string): void => refused.inc({ reason }),
    observe(request: Request, response: Response): void {
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
