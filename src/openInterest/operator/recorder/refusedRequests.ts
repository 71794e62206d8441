import type { Request, Response } from 'express';
import { MINUTE_MS, type Clock } from '../../../kit/clock.ts';
import { requestIdOf } from '../../../platform/http/errorHandler.ts';
import { keyIdOf } from '../../../platform/http/rateLimits.ts';
import type { IngestLog, IngestRecord } from './ingestLog.ts';
import type { Throughput } from './throughput.ts';

/**
 * Posts that were refused before ingest saw them: a bad key, a body that is too large or no JSON, a sender that is too
 * fast. They are what an operator looks for when "the poller runs and nothing arrives". They are not in the log of
 * chunks: anybody can cause them, so they must not push chunks out of it, and without a good key they are no fault.
 */
export type RefusedRequests = {
  /** Looks at a request that has come in; it counts if it turns out to be one of these. */
  observe(request: Request, response: Response): void;
  /** Newest first, those of chunks. */
  last(): IngestRecord[];
  /** Those that came since, by sender and reason, most first. */
  postsSince(since: number): RefusedPosts[];
};

/** Posts of one sender that were refused for one reason. */
export type RefusedPosts = {
  status: number;
  code: string;
  /** The start of the key's SHA-256; `null`: refused before the key was known. */
  keyId: string | null;
  address: string;
  /** In the time that was asked for. */
  posts: number;
  /** The first of those that follow each other without two minutes between them. */
  since: number;
  lastAt: number;
  /** Posts a minute that the limit allows; `null`: another reason. */
  limit: number | null;
};

type Sender = Omit<RefusedPosts, 'posts'> & { times: number[] };

const KEPT = 20;
/** Anybody may send from many addresses; the one that was silent for longest is forgotten. */
const MAX_SENDERS = 200;
/** As many as a sender at twice the usual limit is refused in a minute. */
const MAX_TIMES = 1_200;
const TOGETHER_MS = 2 * MINUTE_MS;

export function createRefusedRequests(options: {
  clock: Clock;
  ingestLog: IngestLog;
  throughput: Throughput;
  /** The paths that take chunks. */
  paths: readonly string[];
  /** Other paths that a collector posts to with the same key. */
  otherPaths: readonly string[];
}): RefusedRequests {
  const { clock, ingestLog, throughput } = options;
  const paths = new Set(options.paths);
  const otherPaths = new Set(options.otherPaths);
  const records: IngestRecord[] = [];
  /** The one that was silent for longest first. */
  const senders = new Map<string, Sender>();

  function record(request: Request, response: Response, at: number): void {
    const requestId = requestIdOf(request);
    const status = response.statusCode;
    if (status < 400 || ingestLog.knows(requestId)) return;
    const errorCode: unknown = response.locals['errorCode'];
    const reason = typeof errorCode === 'string' ? errorCode : null;
    const keyId = keyIdOf(response);
    // What the server cannot do is no fault of the sender's.
    if (status < 500) count(request, { status, code: reason ?? 'refused', keyId, at });
    if (!paths.has(request.path)) return;
    records.push({
      at,
      requestId,
      keyId: keyId ?? '',
      source: 'unknown',
      received: 0,
      inserted: 0,
      duplicates: 0,
      rejected: 0,
      withoutUsd: 0,
      ms: clock.now() - at,
      status,
      reason,
      refusals: [],
    });
    if (records.length > KEPT) records.shift();
    throughput.record(at, { requests: 1, errors: 1, accepted: 0, rejectedItems: 0 });
  }

  function count(
    request: Request,
    refused: { status: number; code: string; keyId: string | null; at: number },
  ): void {
    const { status, code, keyId, at } = refused;
    const address = request.ip ?? 'unknown';
    const name = `${status} ${code} ${keyId ?? address}`;
    const held = senders.get(name);
    const goesOn = held !== undefined && at - held.lastAt <= TOGETHER_MS;
    const times = held?.times ?? [];
    times.push(at);
    if (times.length > MAX_TIMES) times.shift();
    senders.delete(name);
    senders.set(name, {
      status,
      code,
      keyId,
      address,
      since: goesOn ? held.since : at,
      lastAt: at,
      limit: status === 429 ? limitOf(request) : null,
      times,
    });
    if (senders.size > MAX_SENDERS) senders.delete(senders.keys().next().value!);
  }

  return {
    observe(request, response) {
      if (request.method !== 'POST') return;
      if (!paths.has(request.path) && !otherPaths.has(request.path)) return;
      const at = clock.now();
      response.once('finish', () => record(request, response, at));
    },
    last: () => records.toReversed(),
    postsSince: (since) =>
      [...senders.values()]
        .flatMap(({ times, ...sender }) => {
          const posts = times.filter((at) => at >= since).length;
          return posts === 0 ? [] : [{ ...sender, posts }];
        })
        .toSorted((a, b) => b.posts - a.posts),
  };
}

/** As the limiter that refused it has left it at the request. */
function limitOf(request: Request): number | null {
  const { rateLimit } = request as Request & { rateLimit?: { limit: number } };
  return rateLimit?.limit ?? null;
}
