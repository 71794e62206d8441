import { afterEach, describe, expect, it } from '@jest/globals';
import { aChunk } from '../support/builders.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { bearer, readRefusal } from '../support/openInterestCalls.ts';
import { INGEST_KEY, OPERATOR_KEY, startTestServer, type TestServer } from '../support/testServer.ts';
import { withDatabase } from '../support/withServer.ts';

const INGEST = '/api/market/open-interest/ingest';
const CACHE = '/api/market/open-interest';
const BOARD = `${CACHE}/board`;
const OTHER_KEY = 'oi_ingest_test_another_key_of_a_poller';
const LIMIT = 5;

const database = withDatabase();
let server: TestServer;

afterEach(() => server.close());

async function start(env: Record<string, string>): Promise<void> {
  server = await startTestServer({
    databaseUrl: database.url,
    clock: createFakeClock(),
    env: { INGEST_API_KEYS: `${INGEST_KEY},${OTHER_KEY}`, ...env },
  });
}

const chunk = aChunk(['BTCUSDT'], { ts: createFakeClock().now() });
const post = (key: string, more: Record<string, string> = {}) =>
  server.post(INGEST, chunk, { 'X-API-Key': key, ...more });

/** How often each status was answered. */
async function tally(calls: Promise<Response>[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const response of await Promise.all(calls)) {
    await response.text();
    counts[response.status] = (counts[response.status] ?? 0) + 1;
  }
  return counts;
}

const times = <Value>(count: number, make: (i: number) => Value) =>
  Array.from({ length: count }, (_, i) => make(i));

/** A response with a Retry-After of at most a minute. */
async function expectTooFast(response: Response): Promise<void> {
  const retryAfterSec = Number(response.headers.get('Retry-After'));
  expect(retryAfterSec).toBeGreaterThan(0);
  expect(retryAfterSec).toBeLessThanOrEqual(60);
  expect(await readRefusal(response)).toMatchObject({ status: 429, code: 'rate_limited' });
}

describe('INGEST_RATE_LIMIT_PER_MIN', () => {
  it('I10 stops one key at its limit without affecting another', async () => {
    await start({ INGEST_RATE_LIMIT_PER_MIN: String(LIMIT) });
    expect(await tally(times(3 * LIMIT, () => post(INGEST_KEY)))).toEqual({ 200: LIMIT, 429: 2 * LIMIT });
    await expectTooFast(await post(INGEST_KEY));
    expect(await tally(times(LIMIT, () => post(OTHER_KEY)))).toEqual({ 200: LIMIT });
  });

  it('counts requests refused for their content too, and reads separately', async () => {
    await start({ INGEST_RATE_LIMIT_PER_MIN: String(LIMIT) });
    const broken = times(LIMIT, () => server.post(INGEST, '{'));
    expect(await tally(broken)).toEqual({ 400: LIMIT });
    await expectTooFast(await post(INGEST_KEY));
    const path = `${CACHE}/snapshot?symbol=BTCUSDT&ts=2026-11-20T14:00:00Z`;
    expect((await server.get(path, { 'X-API-Key': INGEST_KEY })).status).toBe(200);
  });

  it('A9 is not reset by a forged X-Forwarded-For', async () => {
    await start({ INGEST_RATE_LIMIT_PER_MIN: String(LIMIT), TRUST_PROXY_HOPS: '1' });
    const forged = times(3 * LIMIT, (i) => post(INGEST_KEY, { 'X-Forwarded-For': `203.0.113.${i}` }));
    expect(await tally(forged)).toEqual({ 200: LIMIT, 429: 2 * LIMIT });
  });
});

describe('READ_RATE_LIMIT_PER_MIN', () => {
  it('counts per user, over all their tokens and cookies', async () => {
    await start({ READ_RATE_LIMIT_PER_MIN: String(LIMIT) });
    const one = [
      await bearer(server, 'pro', { sub: 'one' }),
      await bearer(server, 'elite', { sub: 'one', expiresInMs: 60_000 }),
      { Cookie: `oi_session=${await server.token('pro', { sub: 'one' })}` },
    ];
    const calls = times(2 * LIMIT, (i) => server.get(BOARD, one[i % 3]));
    expect(await tally(calls)).toEqual({ 200: LIMIT, 429: LIMIT });
    await expectTooFast(await server.get(BOARD, one[0]));
    const other = await bearer(server, 'pro', { sub: 'other' });
    expect(await tally(times(LIMIT, () => server.get(BOARD, other)))).toEqual({ 200: LIMIT });
  });

  it('counts guests per address and keys per key', async () => {
    await start({ READ_RATE_LIMIT_PER_MIN: String(LIMIT) });
    expect(await tally(times(2 * LIMIT, () => server.get(CACHE)))).toEqual({ 200: LIMIT, 429: LIMIT });
    const operator = { 'X-API-Key': OPERATOR_KEY };
    expect(await tally(times(LIMIT, () => server.get(`${CACHE}/cache`, operator)))).toEqual({ 200: LIMIT });
  });

  it.each([
    ['0', 'is not believed'],
    ['1', 'counts as its last entry, which the proxy wrote'],
  ])('A9 with TRUST_PROXY_HOPS %s X-Forwarded-For %s', async (hops) => {
    await start({ READ_RATE_LIMIT_PER_MIN: String(LIMIT), TRUST_PROXY_HOPS: hops });
    // The proxy appends the address it sees; earlier ones were sent by the client.
    const forged = times(3 * LIMIT, (i) =>
      server.get(CACHE, { 'X-Forwarded-For': `203.0.113.${i}, 198.51.100.7` }),
    );
    expect(await tally(forged)).toEqual({ 200: LIMIT, 429: 2 * LIMIT });
    const elsewhere = await server.get(CACHE, { 'X-Forwarded-For': '203.0.113.1, 198.51.100.8' });
    expect(elsewhere.status).toBe(hops === '1' ? 200 : 429);
  });

  it.each(['/openapi.json', '/docs', '/docs/start.js', '/', '/docs/assets/swagger-ui.css', '/nowhere'])(
    'counts documents, pages, files and unknown paths per address: %s',
    async (path) => {
      await start({ READ_RATE_LIMIT_PER_MIN: String(LIMIT) });
      const { 429: refused } = await tally(times(2 * LIMIT, () => server.get(path)));
      expect(refused).toBe(LIMIT);
    },
  );

  it('counts IPv6 by network, as a customer has more addresses than can be counted', async () => {
    await start({ READ_RATE_LIMIT_PER_MIN: String(LIMIT), TRUST_PROXY_HOPS: '1' });
    const many = times(3 * LIMIT, (i) => server.get(CACHE, { 'X-Forwarded-For': `2001:db8:0:1::${i + 1}` }));
    expect(await tally(many)).toEqual({ 200: LIMIT, 429: 2 * LIMIT });
  });
});

describe('AUTH_FAILURES_PER_MIN', () => {
  it('blocks an address that guesses, but never a valid key or token from it', async () => {
    await start({ AUTH_FAILURES_PER_MIN: String(LIMIT) });
    const guesses = times(3 * LIMIT, (i) => post(`oi_ingest_guess_number_${i}_of_many`));
    expect(await tally(guesses)).toEqual({ 401: LIMIT, 429: 2 * LIMIT });
    await expectTooFast(await server.get(BOARD, { Authorization: 'Bearer a.b.c' }));
    expect(await tally(times(LIMIT, () => post(INGEST_KEY)))).toEqual({ 200: LIMIT });
    expect((await server.get(BOARD, await bearer(server, 'pro'))).status).toBe(200);
    expect((await server.get(CACHE)).status).toBe(200);
  });

  it('counts tokens and keys together, but no forbidden requests', async () => {
    await start({ AUTH_FAILURES_PER_MIN: String(LIMIT) });
    const free = await bearer(server, 'free');
    const history = `${CACHE}/history?symbol=BTCUSDT&range=1h`;
    expect(await tally(times(2 * LIMIT, () => server.get(history, free)))).toEqual({ 403: 2 * LIMIT });
    const mixed = times(LIMIT, (i) =>
      i % 2 === 0 ? post('oi_ingest_nobody_has_it') : server.get(BOARD, { Authorization: 'Bearer x' }),
    );
    expect(await tally(mixed)).toEqual({ 401: LIMIT });
    await expectTooFast(await post('oi_ingest_nobody_has_it'));
  });

  it('blocks guesses of tokens at sign-in as well', async () => {
    await start({ AUTH_FAILURES_PER_MIN: String(LIMIT) });
    const signIns = times(2 * LIMIT, () => server.post('/api/session', { token: 'a.b.c' }, {}));
    expect(await tally(signIns)).toEqual({ 401: LIMIT, 429: LIMIT });
  });

  it.each(['0', '1'])('A9 with TRUST_PROXY_HOPS %s forged addresses do not bypass it', async (hops) => {
    await start({ AUTH_FAILURES_PER_MIN: String(LIMIT), TRUST_PROXY_HOPS: hops });
    const forged = times(3 * LIMIT, (i) =>
      post('oi_ingest_nobody_has_it', { 'X-Forwarded-For': `203.0.113.${i}, 198.51.100.7` }),
    );
    expect(await tally(forged)).toEqual({ 401: LIMIT, 429: 2 * LIMIT });
  });
});

describe('a limit of 0', () => {
  it('is off', async () => {
    await start({ INGEST_RATE_LIMIT_PER_MIN: '0', READ_RATE_LIMIT_PER_MIN: '0', AUTH_FAILURES_PER_MIN: '0' });
    expect(await tally(times(100, () => post(INGEST_KEY)))).toEqual({ 200: 100 });
    expect(await tally(times(100, () => server.get(CACHE)))).toEqual({ 200: 100 });
    expect(await tally(times(100, () => post('oi_ingest_nobody_has_it')))).toEqual({ 401: 100 });
  });
});

describe('a route for schedulers and Prometheus', () => {
  it.each(['/health', '/livez', '/readyz', '/metrics'])('has no limit: %s', async (path) => {
    await start({ INGEST_RATE_LIMIT_PER_MIN: '1', READ_RATE_LIMIT_PER_MIN: '1', AUTH_FAILURES_PER_MIN: '1' });
    const calls = times(50, () => server.get(path, { 'X-API-Key': OPERATOR_KEY }));
    expect(await tally(calls)).toEqual({ 200: 50 });
  });
});
