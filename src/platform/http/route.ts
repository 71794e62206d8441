import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { AccessRule, Principal } from '../../access/access.types.ts';

/** Defines a route: access, limits, input and responses. `mountRoutes` serves it, and the API document describes it. */
export type Route = {
  method: 'get' | 'post' | 'put' | 'delete';
  /** As Express spells it: `/debug/trace/:symbol`. */
  path: string;
  access: AccessRule;
  /**
   * The rate limit of its calls: `ingest` per key, `read` (the default) per user, key or address, `probe` per address and
   * far above the rate of balancers. `none` is for routes of an operator key.
   */
  limit: 'ingest' | 'read' | 'probe' | 'none';
  /** The function name in generated clients: verb first, unique, and never changed. */
  operationId: string;
  /** One line. */
  summary: string;
  description?: string;
  params?: z.ZodType;
  query?: z.ZodType;
  /** Request headers by their names in lower case. */
  headers?: z.ZodType;
  /** The JSON body. Absent: no body is read. */
  body?: z.ZodType;
  /** Served while the node is starting: health, documents, and routes that explain why it is not ready. */
  whileStarting?: true;
  /** Successful responses by status. */
  responses: Readonly<Record<number, RouteResponse>>;
  /** Errors specific to this route, by status. Those that follow from the other fields are added. */
  refusals?: Readonly<Record<number, string>>;
  handle(call: RouteCall): Promise<Reply> | Reply;
};

export type RouteResponse = {
  description: string;
  /** The JSON body. Absent: no body, or text only. */
  schema?: z.ZodType;
  /** The content type if the response is text, or may be text on request. */
  contentType?: string;
};

export type RouteCall<Params = unknown, Query = unknown, Body = unknown, Headers = unknown> = {
  principal: Principal;
  params: Params;
  query: Query;
  headers: Headers;
  body: Body;
  request: Request;
  response: Response;
  requestId: string;
  /** Epoch ms when the headers had been read. */
  receivedAt: number;
};

export type Reply = {
  status: number;
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, with the content type of `headers`. A buffer is shared between responses and not copied. */
  text?: string | Buffer;
  /** Sent as they come, in constant memory. An error before the first one is answered as usual, a later one ends the connection. */
  chunks?: AsyncGenerator<string | Uint8Array>;
  /** Writes to the response, which stays open until the function, or what it starts, ends it. */
  open?: (response: Response) => void;
};

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** Infers the handler's types from the schemas of the route. */
export function defineRoute<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Headers extends z.ZodType | undefined = undefined,
>(
  route: Omit<Route, 'limit' | 'params' | 'query' | 'headers' | 'body' | 'handle'> & {
    limit?: Route['limit'];
    params?: Params;
    query?: Query;
    headers?: Headers;
    body?: Body;
    handle(
      call: RouteCall<Parsed<Params>, Parsed<Query>, Parsed<Body>, Parsed<Headers>>,
    ): Promise<Reply> | Reply;
  },
): Route {
  return { limit: 'read', ...route } as unknown as Route;
}

export function json(status: number, body: unknown, headers?: Reply['headers']): Reply {
  return headers ? { status, headers, json: body } : { status, json: body };
}

/** Headers of a response that depends on who asks: no cache shares it. */
export function privateHeaders(caching: 'no-cache' | 'no-store' | `max-age=${number}`) {
  return { 'Cache-Control': `private, ${caching}`, Vary: 'Authorization, Cookie' };
}

export function text(
  status: number,
  body: string | Buffer,
  contentType = 'text/plain; charset=utf-8',
): Reply {
  return { status, headers: { 'Content-Type': contentType }, text: body };
}
