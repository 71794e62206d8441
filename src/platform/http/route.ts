import type { Request } from 'express';
import type { z } from 'zod';
import type { AccessRule, Principal } from '../../access/access.types.ts';

/**
 * A route and everything that is known about it, in one place: who may call it, what it takes, what it answers.
 * `mountRoutes` serves it, the API document describes it, and a test calls it, all from this one definition.
 */
export type Route = {
  method: 'get' | 'post' | 'delete';
  /** As Express spells it: `/debug/trace/:symbol`. */
  path: string;
  access: AccessRule;
  /**
   * Which limit counts its calls: `ingest` per key, `read` per user, key or address, `probe` per address and far above
   * what schedulers and balancers ask. `none` is for routes of an operator key.
   */
  limit: 'ingest' | 'read' | 'probe' | 'none';
  /** What programs that are made from the API document call it: a verb first, unique, and the same for ever. */
  operationId: string;
  /** One line for the API document. */
  summary: string;
  description?: string;
  params?: z.ZodType;
  query?: z.ZodType;
  /** JSON bodies only. Absent: the route reads no body. */
  body?: z.ZodType;
  /** Answers also while the node is starting: health, documents, and what tells an operator why it is not ready. */
  whileStarting?: true;
  /** Good answers by status. */
  responses: Readonly<Record<number, RouteResponse>>;
  /** Refusals of this route alone, by status. Those that follow from the rest of the definition need no word here. */
  refusals?: Readonly<Record<number, string>>;
  handle(call: RouteCall): Promise<Reply> | Reply;
};

export type RouteResponse = {
  description: string;
  /** Of the JSON body. Absent: the answer has none, or is text alone. */
  schema?: z.ZodType;
  /** Of the text, where the answer is text or, for people, can be. */
  contentType?: string;
};

export type RouteCall<Params = unknown, Query = unknown, Body = unknown> = {
  principal: Principal;
  params: Params;
  query: Query;
  body: Body;
  request: Request;
  requestId: string;
  /** Epoch ms at which the request's head had been read. */
  receivedAt: number;
};

export type Reply = {
  status: number;
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Answered as JSON. */
  json?: unknown;
  /** Answered as it is; the content type stands in `headers`. Bytes are shared by all who ask: nothing is copied. */
  text?: string | Buffer;
};

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** Ties the handler's types to the schemas of its route. */
export function defineRoute<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  route: Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
    params?: Params;
    query?: Query;
    body?: Body;
    handle(call: RouteCall<Parsed<Params>, Parsed<Query>, Parsed<Body>>): Promise<Reply> | Reply;
  },
): Route {
  return route as unknown as Route;
}

export function json(status: number, body: unknown, headers?: Reply['headers']): Reply {
  return headers ? { status, headers, json: body } : { status, json: body };
}

export function text(
  status: number,
  body: string | Buffer,
  contentType = 'text/plain; charset=utf-8',
): Reply {
  return { status, headers: { 'Content-Type': contentType }, text: body };
}
