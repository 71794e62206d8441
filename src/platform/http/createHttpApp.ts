import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import compression from 'compression';
import cors from 'cors';
import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { NotFoundError, ValidationError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { createErrorHandler, requestIdOf } from './errorHandler.ts';

export type HttpAppOptions = {
  logger: Logger;
  /** Called with every request before it is routed. */
  observers: readonly ((request: Request, response: Response) => void)[];
  /** Proxies in front whose X-Forwarded-For is believed. One too many lets anybody invent addresses. */
  trustProxyHops: number;
  /** Origins other than our own whose pages may call the API. */
  allowedOrigins: readonly string[];
  /** Puts the routes in place. */
  mount: (app: Express) => void;
};

/** The Express app: what happens to every request before and after its route, in this order. */
export function createHttpApp(options: HttpAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  // Routes set their own tags before the work; Express would hash the finished body, after it.
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustProxyHops);

  app.use(requestLog(options.logger));
  app.use((request, response, next) => {
    response.setHeader('X-Request-Id', requestIdOf(request));
    for (const observe of options.observers) observe(request, response);
    // Node is told not to judge this (createTimedServer): it would answer without a body.
    if (request.httpVersion === '1.1' && request.headers.host === undefined) {
      throw new ValidationError('The Host header is missing', { code: 'malformed_http' });
    }
    next();
  });
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
      // Whether the neighbours of this host speak TLS is not ours to promise.
      strictTransportSecurity: { includeSubDomains: false },
    }),
  );
  app.use(
    cors({
      origin: [...options.allowedOrigins],
      credentials: true,
      methods: ['GET', 'POST', 'DELETE', 'OPTIONS'],
      allowedHeaders: ['Authorization', 'Content-Type', 'X-API-Key', 'If-None-Match'],
      exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id'],
      maxAge: 86_400,
    }),
  );
  app.use(compression({ threshold: 1_024 }));
  options.mount(app);
  app.use((request) => {
    throw new NotFoundError(`There is nothing at ${request.path}; /docs lists every route`);
  });
  app.use(createErrorHandler(options.logger));
  return app;
}

/** No inline script or style, nothing from elsewhere, no frame around our pages. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  connectSrc: ["'self'", 'ws:', 'wss:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  formAction: ["'self'"],
};

/** One line a request, without query, headers or body: those can hold what must not be logged. */
function requestLog(logger: Logger) {
  return pinoHttp({
    logger,
    genReqId: () => randomUUID(),
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId' },
    serializers: {
      req: (request: { method: string; url: string }) => ({
        method: request.method,
        path: request.url.split('?', 1)[0]?.slice(0, 200),
      }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
      err: () => undefined,
    },
    customLogLevel: (_request: IncomingMessage, response) => {
      if (response.statusCode >= 500) return 'warn';
      return response.statusCode >= 400 ? 'info' : 'debug';
    },
    customProps: (_request: IncomingMessage, response) => ({
      errorCode: (response as Response).locals?.['errorCode'] as string | undefined,
    }),
    customSuccessMessage: () => 'request answered',
    customErrorMessage: () => 'request answered',
  });
}
