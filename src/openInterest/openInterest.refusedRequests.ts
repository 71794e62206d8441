import type { Request, Response } from 'express';
import type { Clock } from '../kit/clock.ts';
import { requestIdOf } from '../platform/http/errorHandler.ts';
import type { IngestLog, IngestRecord } from './openInterest.ingestLog.ts';
import type { Throughput } from './openInterest.throughput.ts';

/**
 * Ingest requests that were refused before ingest saw them: a bad key, a body that is too large or no JSON, a sender that
 * is too fast. They are what an operator looks for when "the poller runs and nothing arrives". They stand apart from the
 * log of chunks, because anybody can cause them: they must neither push chunks out of it nor count against health.
 */
export type RefusedRequests = {
  /** Looks at a request that has come in; it counts if it turns out to be one of these. */
  observe(request: Request, response: Response): void;
  /** Newest first. */
  last(): IngestRecord[];
};

const KEPT = 20;

export function createRefusedRequests(options: {
  clock: Clock;
  ingestLog: IngestLog;
  throughput: Throughput;
  /** The paths that take chunks. */
  paths: readonly string[];
}): RefusedRequests {
  const { clock, ingestLog, throughput } = options;
  const paths = new Set(options.paths);
  const records: IngestRecord[] = [];

  function record(request: Request, response: Response, at: number): void {
    const requestId = requestIdOf(request);
    if (response.statusCode < 400 || ingestLog.knows(requestId)) return;
    const errorCode: unknown = response.locals['errorCode'];
    records.push({
      at,
      requestId,
      keyId: '',
      source: 'unknown',
      received: 0,
      inserted: 0,
      duplicates: 0,
      rejected: 0,
      withoutUsd: 0,
      ms: clock.now() - at,
      status: response.statusCode,
      reason: typeof errorCode === 'string' ? errorCode : null,
      refusals: [],
    });
    if (records.length > KEPT) records.shift();
    throughput.record(at, { requests: 1, errors: 1, accepted: 0, rejectedItems: 0 });
  }

  return {
    observe(request, response) {
      if (request.method !== 'POST' || !paths.has(request.path)) return;
      const at = clock.now();
      response.once('finish', () => record(request, response, at));
    },
    last: () => records.toReversed(),
  };
}
