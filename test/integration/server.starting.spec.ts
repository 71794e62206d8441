import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFakeClock } from '../support/fakeClock.ts';
import { readRefusal } from '../support/openInterestCalls.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { API_CALLS, callRoute } from './apiCalls.ts';

/** A port without a listener. */
const NOWHERE = 'postgres://nobody@127.0.0.1:1/nothing';
const EARLY = [
  '/health',
  '/livez',
  '/metrics',
  '/openapi.json',
  '/asyncapi.json',
  '/docs',
  '/docs/start.js',
  '/docs/style.css',
];
const EXPLAINS = ['/api/market/open-interest/debug', '/debug/doctor', '/debug/trace/:symbol'];

describe('a node that has not loaded its board yet', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: NOWHERE, clock: createFakeClock(), notReady: true });
  });
  afterAll(() => server.close());

  const names = Object.keys(API_CALLS).filter((it) => it !== 'GET /readyz');
  const isEarly = (name: string) => [...EARLY, ...EXPLAINS].includes(name.split(' ')[1]!);

  it.each(names.filter(isEarly))('C1 D6 answers already: %s', async (name) => {
    expect((await callRoute(server, name)).status).toBe(200);
  });

  it.each(names.filter((name) => !isEarly(name)))('C1 answers 503 with Retry-After: %s', async (name) => {
    // Nothing can be prepared on a node that refuses every call.
    const response = await callRoute(server, name, undefined, { prepare: async () => ({}) });
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await readRefusal(response)).toMatchObject({ status: 503 });
  });

  it('C1 D6 is not ready, with the reason', async () => {
    const response = await server.get('/readyz');
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, state: 'starting', database: expect.stringMatching(/^no answer for 10s/) },
    ]);
  });
});
