import type { Express } from 'express';
import type { DatabasePing } from '../platform/database/ping.ts';
import { createHttpApp, type HttpAppOptions } from '../platform/http/createHttpApp.ts';
import { createJsonBodyReader } from '../platform/http/jsonBody.ts';
import { mountRoutes, type MountOptions } from '../platform/http/mountRoutes.ts';
import { createRateLimits } from '../platform/http/rateLimits.ts';
import type { Route } from '../platform/http/route.ts';
import { createDocsRoutes, mountDocsAssets } from './docs.routes.ts';
import { createHealthRoutes } from './health.routes.ts';
import { mountPages } from './pages.ts';
import type { ServerContext } from './server.context.ts';

const MAX_BODY_BYTES = 256 * 1_024;

/** Health, the routes of the rooms, and the document that describes all of them. */
export function listRoutes(context: ServerContext, database: DatabasePing, rooms: readonly Route[]): Route[] {
  const routes = [...createHealthRoutes(context, database), ...rooms];
  return [...routes, ...createDocsRoutes(routes, context.version)];
}

/** Serves the routes; any other path is a file or page of the dashboard, or not found. */
export function createServerApp(
  { config, clock, logger, node }: ServerContext,
  parts: {
    routes: readonly Route[];
    observers: HttpAppOptions['observers'];
    identify: MountOptions['identify'];
  },
): Express {
  const limits = createRateLimits(config.limits);
  return createHttpApp({
    logger,
    observers: parts.observers,
    trustProxyHops: config.http.trustProxyHops,
    allowedOrigins: config.http.allowedOrigins,
    mount(app) {
      mountRoutes(app, parts.routes, {
        identify: parts.identify,
        limits,
        readJsonBody: createJsonBodyReader(MAX_BODY_BYTES),
        requireStarted: node.requireStarted,
        clock,
      });
      if (limits.read) app.use(limits.read);
      mountDocsAssets(app);
      mountPages(app);
    },
  });
}
