import type { Registry } from 'prom-client';
import { createHttpListener, type HttpListener } from '../process/httpListener.ts';

/** Prometheus and a person or two. */
const MAX_CONNECTIONS = 16;

/** `GET /metrics`, without a key: it listens on loopback by default. */
export function createMetricsListener(options: {
  metrics: Registry;
  port: number;
  host: string;
}): HttpListener {
  const { metrics, port, host } = options;
  return createHttpListener({
    port,
    host,
    setting: 'COLLECTOR_METRICS_PORT',
    maxConnections: MAX_CONNECTIONS,
    handler(request, response) {
      const isScrape = request.method === 'GET' && request.url?.split('?')[0] === '/metrics';
      if (!isScrape) {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is GET /metrics here.\n');
        return;
      }
      metrics.metrics().then(
        (text) => response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    },
  });
}
