import { expect } from '@jest/globals';
import type { OpenInterestAlertInput } from '../../../src/openInterest/openInterest.types.ts';
import { anAlert } from '../../support/builders.ts';
import { postMarket } from './market.ts';
import { untilState } from './pageProbe.ts';
import type { Stage, Visit, VisitOptions } from './stage.ts';

/** Another symbol and direction than `anAlert()`. */
export const DUMP = { symbol: 'AIAUSDT', direction: 'DOWN', pctChange: -0.079, timeframe: '15 min' } as const;

/** Two symbols that are live, and no alert. */
export async function resetAlerts({ server, clock, database }: Stage): Promise<void> {
  await database.pool.query('truncate open_interest_alerts');
  await postMarket(server, clock, [
    { symbol: 'SUIUSDT', openInterest: 430e6, markPrice: 2, volume24h: 9e9 },
    { symbol: 'AIAUSDT', openInterest: 17e6, markPrice: 1, volume24h: 8e9 },
  ]);
}

/** The dashboard, once it has read what there was. */
export async function openAlerts(stage: Stage, given: VisitOptions = {}): Promise<Visit> {
  const visit = await stage.visit(given);
  await untilState(visit.page, 'live');
  await visit.page.locator('.rail-list[aria-busy="false"]').waitFor();
  return visit;
}

/** At the server's time, so that each is newer than the one before. Answers its id. */
export async function postAlert(
  { server, clock }: Stage,
  given: Partial<OpenInterestAlertInput> = {},
): Promise<string> {
  const response = await server.post('/api/open-interest-alerts/ingest', {
    ...anAlert(),
    timestamp: clock.now(),
    ...given,
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { id: string }).id;
}
