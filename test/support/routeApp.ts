import type { Express } from 'express';
import type { Guards } from '../../src/access/guards.ts';
import type { Clock } from '../../src/kit/clock.ts';
import { createHttpApp } from '../../src/platform/http/createHttpApp.ts';
import { createJsonBodyReader } from '../../src/platform/http/jsonBody.ts';
import { mountRoutes } from '../../src/platform/http/mountRoutes.ts';
import type { Route } from '../../src/platform/http/route.ts';
import { silentLogger } from './silentLogger.ts';

/** Some routes behind the product's middleware, without rate limits. */
export function createRouteApp(options: {
  routes: readonly Route[];
  guards: Guards;
  clock: Clock;
  trustProxyHops?: number;
}): Express {
  const { routes, guards, clock, trustProxyHops = 0 } = options;
  return createHttpApp({
    logger: silentLogger,
    observers: [],
    trustProxyHops,
    allowedOrigins: [],
    mount(app) {
      mountRoutes(app, routes, {
        identify: (request, rule) => guards.identify(request, rule),
        limits: { ingest: null, read: null, probe: null, authFailures: null },
        readJsonBody: createJsonBodyReader(100_000),
        requireStarted: () => undefined,
        clock,
      });
    },
  });
}
