import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Express, Request, Response } from 'express';
import type { AccessRule, Principal } from '../../access/access.types.ts';
import type { Clock } from '../../kit/clock.ts';
import { AppError } from '../../kit/errors.ts';
import { requestIdOf } from './errorHandler.ts';
import type { JsonBodyReader } from './jsonBody.ts';
import { parsePart } from './parseRequest.ts';
import { PRINCIPAL, type RateLimits } from './rateLimits.ts';
import type { Reply, Route, RouteCall } from './route.ts';
import { runMiddleware } from './runMiddleware.ts';

export type MountOptions = {
  identify: (request: Request, rule: AccessRule) => Promise<Principal>;
  limits: RateLimits;
  readJsonBody: JsonBodyReader;
  /** Throws while the node is starting. */
  requireStarted: () => void;
  clock: Clock;
};

/**
 * Serves routes. Each request is authenticated, rate limited and parsed before its handler runs. Other methods of a known
 * path are answered 405 with `Allow`.
 */
export function mountRoutes(app: Express, routes: readonly Route[], options: MountOptions): void {
  const { identify } = options;
  for (const route of routes) {
    app[route.method](route.path, async (request, response) => {
      const receivedAt = options.clock.now();
      response.locals['route'] = route.path;
      const counted = <Value>(work: () => Promise<Value>) => countFailure(request, response, options, work);
      const principal = await counted(() => identify(request, route.access));
      response.locals[PRINCIPAL] = principal;
      // The board of a starting node is empty, which would look like a market without symbols.
      if (!route.whileStarting) options.requireStarted();
      const limit = route.limit === 'none' ? null : options.limits[route.limit];
      if (limit) await runMiddleware(limit, request, response);
      const call: RouteCall = {
        principal,
        params: route.params ? parsePart(route.params, request.params, 'path') : undefined,
        query: route.query ? parsePart(route.query, request.query, 'query') : undefined,
        headers: route.headers ? parsePart(route.headers, request.headers, 'header') : undefined,
        body: route.body
          ? parsePart(route.body, await options.readJsonBody(request, response), 'body')
          : undefined,
        request,
        response,
        requestId: requestIdOf(request),
        receivedAt,
      };
      // A public route that answers 401 has verified credentials itself, as sign-in does.
      const handle = async () => route.handle(call);
      await send(request, response, await (route.access === 'public' ? counted(handle) : handle()));
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
    if (allowed.includes('GET')) allowed.push('HEAD');
    app.all(path, (request, response) => {
      response.setHeader('Allow', allowed.join(', '));
      throw new AppError(
        405,
        'method_not_allowed',
        `${request.method} is not allowed here; use ${allowed.join(' or ')}`,
      );
    });
  }
}

/** Counts a 401 against the address's limit of failed authentications, which replaces it by 429 at the limit. */
async function countFailure<Value>(
  request: Request,
  response: Response,
  { limits }: MountOptions,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.status === 401 && limits.authFailures) {
      await runMiddleware(limits.authFailures, request, response);
    }
    throw thrown;
  }
}

async function send(request: Request, response: Response, reply: Reply): Promise<void> {
  // The status is sent with the first chunk, so what fails before it is still answered by the error handler.
  const first = reply.chunks && (await reply.chunks.next());
  response.status(reply.status);
  // The default: without it, proxies may cache the response.
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (reply.open && request.method !== 'HEAD') reply.open(response);
  else if (reply.chunks && first) await sendChunks(request, response, first, reply.chunks);
  else if (reply.text !== undefined) response.send(reply.text);
  else if (reply.json !== undefined) response.json(reply.json);
  else response.end();
}

async function sendChunks(
  request: Request,
  response: Response,
  first: IteratorResult<string | Uint8Array>,
  rest: AsyncGenerator<string | Uint8Array>,
): Promise<void> {
  async function* all(): AsyncGenerator<string | Uint8Array> {
    if (!first.done) yield first.value;
    if (request.method !== 'HEAD') yield* rest;
  }
  try {
    await pipeline(Readable.from(all(), { highWaterMark: 2 }), response);
  } catch (thrown) {
    // A client that leaves is no error of ours.
    if (!request.socket.destroyed || !response.destroyed) throw thrown;
  } finally {
    await rest.return(undefined);
  }
}
