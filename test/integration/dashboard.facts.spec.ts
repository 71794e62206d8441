import { afterEach, describe, expect, it } from '@jest/globals';
import { DashboardFacts } from '../../src/openInterest/operator/dashboard.types.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();
let server: TestServer;

afterEach(() => server.close());

async function readFacts(): Promise<DashboardFacts> {
  const response = await server.get('/api/market/open-interest/dashboard');
  expect(response.status).toBe(200);
  return DashboardFacts.parse(await response.json());
}

describe('server facts for the pages', () => {
  it('contain the start time, the configured links, and the alert thresholds of a live collector', async () => {
    const clock = createJumpClock();
    server = await startTestServer({
      databaseUrl: database.url,
      clock,
      env: {
        UPGRADE_URL: 'https://volspike.com/upgrade',
        SYMBOL_LINK_TEMPLATE: 'https://exchange.example/{symbol}',
      },
    });
    const alertRules = [{ timeframe: '5 min', pctChange: 0.03 }];
    const beat = { collector: 'oi-poller', everySec: 10, alertRules };
    expect((await server.post('/api/collectors/heartbeat', beat)).status).toBe(200);
    const facts = await readFacts();
    expect(facts).toMatchObject({
      upgradeUrl: 'https://volspike.com/upgrade',
      symbolLinkTemplate: 'https://exchange.example/{symbol}',
      alertRules,
    });
    clock.jump(130_000);
    // The start time is constant, and the report of a silent collector no longer counts.
    expect(await readFacts()).toEqual({ ...facts, alertRules: [] });
    expect(clock.now() - facts.startedAt).toBeGreaterThanOrEqual(130_000);
  });

  it('contain no links unless they are configured', async () => {
    server = await startTestServer({ databaseUrl: database.url });
    expect(await readFacts()).toMatchObject({ upgradeUrl: null, symbolLinkTemplate: null });
  });
});
