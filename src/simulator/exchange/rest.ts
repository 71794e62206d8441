import { Router, type Request, type Response } from 'express';
import type { Clock } from '../../kit/clock.ts';
import { errorAnswer, limitAnswer, refusal, type Answer } from './answers.ts';
import type { Endpoint } from './endpoints.ts';
import type { Faults } from '../faults/faults.ts';
import { EndpointQuery } from './query.types.ts';
import type { WeightLedger } from './weights.ts';

export type RestOptions = {
  endpoints: ReadonlyMap<string, Endpoint>;
  ledger: WeightLedger;
  faults: Faults;
  /** The wall clock: latency is real whatever the speed of simulated time. */
  clock: Clock;
  /** The exchange's own time, epoch ms. */
  exchangeNow: () => number;
  noteAnswer: (path: string, outcome: string) => void;
};

/**
 * The exchange's REST API. A request is counted first, then fails or is answered: the real exchange also charges for
 * failures. The answer is computed when the request arrives and delayed by the latency.
 */
export function createRestRouter(options: RestOptions): Router {
  const { endpoints, ledger, faults, clock, exchangeNow, noteAnswer } = options;
  const router = Router();

  router.use((request, response) => {
    const { path } = request;
    const skewMs = faults.settings().clockSkewMs;
    if (skewMs !== 0) response.setHeader('Date', new Date(clock.now() + skewMs).toUTCString());
    const endpoint = request.method === 'GET' ? endpoints.get(path) : undefined;
    const query = EndpointQuery.parse(request.query);
    const address = addressOf(request);
    const charge = ledger.charge(address, endpoint?.pool ?? 'none', endpoint?.costOf(query) ?? 0);
    if (path.startsWith('/fapi/')) response.setHeader('x-mbx-used-weight-1m', charge.usedWeight);

    const note = (outcome: string) => noteAnswer(endpoint ? path : 'other', outcome);
    if (charge.outcome !== 'accepted') {
      const answer = limitAnswer(charge, address);
      note(String(answer.status));
      send(response, answer);
      return;
    }
    const fault = faults.draw({ path, symbol: query.symbol ?? null });
    if (fault.kind === 'hang') {
      note('hang');
      return;
    }
    const answer = answerOf(endpoint, query, request, fault.kind === 'error');
    note(fault.kind === 'torn' ? 'torn' : String(answer.status));
    const deliver = fault.kind === 'torn' ? sendTorn : send;
    if (fault.delayMs > 0) clock.after(fault.delayMs, () => deliver(response, answer));
    else deliver(response, answer);
  });

  function answerOf(
    endpoint: Endpoint | undefined,
    query: EndpointQuery,
    request: Request,
    isError: boolean,
  ): Answer {
    if (isError) return errorAnswer(faults.settings().errorStatus);
    if (!endpoint) {
      return refusal(404, -5000, `Path ${request.path}, Method ${request.method} is invalid`);
    }
    return endpoint.answer(query, exchangeNow());
  }

  return router;
}

/** `X-Simulated-Ip` lets one machine act as many addresses. */
function addressOf(request: Request): string {
  const simulated = request.get('x-simulated-ip')?.slice(0, 64);
  return simulated || (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}

function send(response: Response, answer: Answer): void {
  if (response.destroyed) return;
  writeHead(response, answer);
  response.end(answer.body);
}

/** Promises the whole answer, delivers half of it and breaks the connection. */
function sendTorn(response: Response, answer: Answer): void {
  if (response.destroyed) return;
  writeHead(response, answer);
  const body = Buffer.from(answer.body);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

function writeHead(response: Response, answer: Answer): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'Content-Type': answer.contentType,
    'Content-Length': Buffer.byteLength(answer.body),
  });
}
