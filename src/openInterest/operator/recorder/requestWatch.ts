import type { Request, Response } from 'express';
import type { Clock } from '../../../kit/clock.ts';
import { requestIdOf } from '../../../platform/http/errorHandler.ts';
import { keyIdOf } from '../../../platform/http/rateLimits.ts';
import type { IngestLog } from './ingestLog.ts';
import type { IngestRates } from './ingestRates.ts';
import { describeChunk, type IngestRecord } from './ingestRecord.ts';
import { createRefusedRequests } from './refusedRequests.ts';

export const HEARTBEAT_PATH = '/api/collectors/heartbeat';
const CHUNK_PATHS = new Set(['/api/market/open-interest/ingest', '/api/market/open-interest']);
/** The other paths that a collector posts to with the same key. */
const OTHER_PATHS = new Set([
  HEARTBEAT_PATH,
  '/api/market/open-interest/liquid-universe/update',
  '/api/market/open-interest/positioning',
  '/api/market/open-interest/positioning/liquidations',
  '/api/open-interest-alerts/ingest',
]);

const KEPT = 20;

/** Watches HTTP posts of collectors for those that are refused before ingest parses them. */
export function createRequestWatch(deps: { clock: Clock; ingestLog: IngestLog; ingestRates: IngestRates }) {
  const { clock, ingestLog, ingestRates } = deps;
  const refused = createRefusedRequests();
  const chunks: IngestRecord[] = [];

  function finish(request: Request, response: Response, receivedAt: number): void {
    const requestId = requestIdOf(request);
    const status = response.statusCode;
    if (status < 400 || ingestLog.has(requestId)) return;
    const errorCode: unknown = response.locals['errorCode'];
    const code = typeof errorCode === 'string' ? errorCode : null;
    const keyId = keyIdOf(response);
    // A 5xx is the server's fault, not the sender's.
    if (status < 500) {
      const address = request.ip ?? 'unknown';
      const limit = status === 429 ? limitOf(request) : null;
      refused.record({ at: receivedAt, status, code: code ?? 'refused', keyId, address, limit });
    }
    if (!CHUNK_PATHS.has(request.path)) return;
    const answer = { status, chunk: undefined, inserted: 0, code };
    chunks.push(describeChunk({ requestId, keyId: keyId ?? '', receivedAt }, answer, clock.now()));
    if (chunks.length > KEPT) chunks.shift();
    ingestRates.add(receivedAt, { requests: 1, errors: 1 });
  }

  return {
    observe(request: Request, response: Response): void {
      if (request.method !== 'POST') return;
      if (!CHUNK_PATHS.has(request.path) && !OTHER_PATHS.has(request.path)) return;
      const at = clock.now();
      response.once('finish', () => finish(request, response, at));
    },
    /** Refused chunks, newest first. */
    lastChunks: (): IngestRecord[] => chunks.toReversed(),
    /** Refused posts by sender and reason, the most relevant first. */
    refusedSince: (since: number) => refused.postsBetween(since, clock.now()),
  };
}

/** As left at the request by the limiter that refused it. */
function limitOf(request: Request): number | null {
  const { rateLimit } = request as Request & { rateLimit?: { limit: number } };
  return rateLimit?.limit ?? null;
}
