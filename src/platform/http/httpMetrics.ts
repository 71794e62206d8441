import type { Request, Response } from 'express';
import type { Registry } from 'prom-client';
import { metricsOf } from '../../kit/metrics.ts';

/** Labels are defined routes, known methods and statuses, so requests cannot create new series. */
export function createHttpMetrics(registry: Registry) {
  const { counter, histogram } = metricsOf(registry);
  const seconds = histogram(
    'oi_http_request_duration_seconds',
    'Time to answer a request, by route and status',
    [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    ['method', 'route', 'status'],
  );
  const refused = counter(
    'oi_http_connections_refused_total',
    'Connections closed for too many unanswered requests or for not reading, or refused because of too many',
    ['reason'],
  );
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

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);
