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
  /** Number of trusted proxies in front. One too many lets clients forge their address. */
  trustProxyHops: number;
  /** Other origins whose pages may call the API. */
  allowedOrigins: readonly string[];
  mount: (app: Express) => void;
};

/** The Express app with everything that happens before and after a route. */
export function createHttpApp(options: HttpAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  // Routes compute their ETag before the work; Express would hash the finished body.
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustProxyHops);

  app.use(requestLog(options.logger));
  app.use((request, response, next) => {
    response.setHeader('X-Request-Id', requestIdOf(request));
    for (const observe of options.observers) observe(request, response);
    // Node's own check is off (createTimedServer), because its answer has no body.
    if (request.httpVersion === '1.1' && request.headers.host === undefined) {
      throw new ValidationError('The Host header is missing', { code: 'malformed_http' });
    }
    next();
  });
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
      // Other hosts of the domain may not support TLS.
      strictTransportSecurity: { includeSubDomains: false },
    }),
  );
  app.use(
    cors({
      origin: [...options.allowedOrigins],
      credentials: true,
      methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
      allowedHeaders: [
        'Authorization',
        'Content-Type',
        'X-API-Key',
        'If-Match',
        'If-None-Match',
        'Last-Event-ID',
      ],
      exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id'],
      maxAge: 86_400,
    }),
  );
  app.use(compression({ threshold: 1_024 }));
  options.mount(app);
  app.use((request) => {
    throw new NotFoundError(`No route matches ${request.path}; /docs lists all of them`);
  });
  app.use(createErrorHandler(options.logger));
  return app;
}

/** No inline scripts or styles, no other origins, no framing. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  connectSrc: ["'self'", 'ws:', 'wss:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  formAction: ["'self'"],
};

/** One line per request, without query, headers and body, which may contain secrets. */
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
