import express, { Router, type ErrorRequestHandler } from 'express';
import { z } from 'zod';
import { HOUR_MS } from '../../kit/clock.ts';
import { AppError } from '../../kit/errors.ts';
import type { Faults } from './faults.ts';
import type { FaultChange } from './faults.types.ts';
import type { Market } from '../market/market.ts';
import type { SimulatorStats } from './stats.types.ts';

const EventsQuery = z.object({ from: z.coerce.number().optional(), to: z.coerce.number().optional() });

/**
 * `/simulator/…`, which the real exchange does not have: sets and shows faults, shows the exchange's count of requests, and
 * lists the spikes and dumps (of the last hour without `from` and `to`).
 */
export function createControlRouter(options: {
  faults: Faults;
  market: Market;
  stats: () => SimulatorStats;
  exchangeNow: () => number;
}): Router {
  const { faults, market, stats, exchangeNow } = options;
  const router = Router();
  router.get('/faults', (_request, response) => {
    response.json(faults.settings());
  });
  router.post('/faults', express.json(), (request, response) => {
    // `apply` checks what was sent; the type is only a claim.
    response.json(faults.apply((request.body ?? {}) as FaultChange));
  });
  router.get('/stats', (_request, response) => {
    response.json(stats());
  });
  router.get('/events', (request, response) => {
    const { to = exchangeNow(), from = to - HOUR_MS } = EventsQuery.parse(request.query);
    response.json(market.eventsBetween(from, Math.min(to, from + 24 * HOUR_MS)));
  });
  router.use(answerFault);
  return router;
}

/** Four parameters make it an error handler to Express. */
const answerFault: ErrorRequestHandler = (error, _request, response, _next) => {
  if (error instanceof AppError) {
    const { code, message, details } = error;
    response.status(error.status).json({ error: { code, message, details } });
    return;
  }
  response.status(400).json({ error: { code: 'invalid_request', message: String(error) } });
};
