import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../src/kit/logger.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { sendRaw } from '../support/rawHttp.ts';
import { openSocket } from '../support/sockets.ts';
import { INGEST_KEY, OPERATOR_KEY, startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { API_CALLS, callRoute, seedServer } from './apiCalls.ts';
import { withServer } from '../support/withServer.ts';

/** The secrets that must appear nowhere in the output. */
const SENT = {
  key: 'canary-key-5f1c0a9e8d7b6c5a',
  token: 'eyJhbGciOiJIUzI1NiJ9.canary-token-4e3d2c1b.c2lnbmF0dXJl',
  cookie: 'eyJhbGciOiJIUzI1NiJ9.canary-cookie-1a2b3c4d.c2lnbmF0dXJl',
  query: 'canary-query-9a8b7c6d',
  body: 'canary-body-0f1e2d3c',
  socket: 'eyJhbGciOiJIUzI1NiJ9.canary-socket-7d8e9f0a.c2lnbmF0dXJl',
  header: 'canary-header-3b4a5d6c',
};

const { server } = withServer({
  clock: createFakeClock(),
  env: { AUTH_DEMO_LOGIN: 'true', AUTH_FAILURES_PER_MIN: '40' },
  logger: createLogger({
    level: 'trace',
    name: 'test',
    destination: { write: (line) => void (log += line) },
  }),
});
let log = '';
const answers: string[] = [];
const secrets: string[] = [INGEST_KEY, OPERATOR_KEY, ...Object.values(SENT)];

async function keep(response: Response): Promise<void> {
  const headers = [...response.headers].filter(([name]) => name !== 'set-cookie');
  answers.push(JSON.stringify(headers), await response.text());
}

beforeAll(async () => {
  const good = await server.token('pro', { sub: 'subject-with-a-token' });
  secrets.push(good, good.split('.')[2]!);
  await seedServer(server);
  await callEverythingRight(good);
  await callEverythingWrong();
  await sendWhatIsNoRequest();
  await connectSockets(good);
});

async function callEverythingRight(token: string): Promise<void> {
  for (const name of Object.keys(API_CALLS)) await keep(await callRoute(server, name));
  await keep(await server.post('/api/session', { token }, { Origin: server.url }));
  await keep(await server.get('/api/session', { Cookie: `oi_session=${token}` }));
  await keep(await server.get('/api/market/open-interest/board', { Authorization: `Bearer ${token}` }));
}

async function callEverythingWrong(): Promise<void> {
  const wrong = [
    { 'X-API-Key': SENT.key },
    { 'X-API-Key': INGEST_KEY.slice(0, -1), Authorization: `Bearer ${SENT.token}` },
    { Authorization: `Bearer ${SENT.token}`, 'User-Agent': SENT.header, Referer: `http://x/${SENT.header}` },
    { Cookie: `oi_session=${SENT.cookie}` },
  ] as Record<string, string>[];
  for (const name of Object.keys(API_CALLS)) {
    for (const headers of wrong) await keep(await callRoute(server, name, headers));
  }
  const operator = { 'X-API-Key': OPERATOR_KEY };
  await keep(
    await server.get(`/api/open-interest-alerts?apiKey=${SENT.query}&limit=${SENT.query}`, operator),
  );
  await keep(await server.get(`/api/market/open-interest?token=${SENT.query}`));
  await keep(await server.get(`/nowhere?apiKey=${SENT.query}`));
  const ingest = '/api/market/open-interest/ingest';
  await keep(await server.post(ingest, `{"apiKey":"${SENT.body}",,}`));
  await keep(await server.post(ingest, { data: SENT.body, source: SENT.body }));
  await keep(
    await server.post(ingest, { data: [{ symbol: 'BTCUSDT', openInterest: SENT.body, note: SENT.body }] }),
  );
  await keep(await server.post('/api/open-interest-alerts/ingest', { direction: SENT.body }));
  await keep(await server.post('/api/session', { token: SENT.token }));
  await keep(await server.post('/api/session', { token: SENT.token, demo: SENT.body }));
  await keep(await server.post('/api/access/changes', { sub: 5, tier: SENT.body }, operator));
}

async function sendWhatIsNoRequest(): Promise<void> {
  for (const bytes of [
    `GET /health HTTP/1.1\r\nX-API-Key: ${SENT.key}\r\nContent-Length: ${SENT.header}\r\n\r\n`,
    `${SENT.header} / HTTP/1.1\r\n\r\n`,
    `GET /health HTTP/1.1\r\nHost: x\r\nA: ${SENT.header.repeat(1_000)}\r\n\r\n`,
  ]) {
    answers.push(JSON.stringify(await sendRaw(server.port, bytes)));
  }
}

async function connectSockets(token: string): Promise<void> {
  const stranger = openSocket(server.url, { token: SENT.socket });
  const known = openSocket(server.url, { token });
  await waitFor('the refusal', () => stranger.refusals.length > 0);
  await waitFor('the greeting', () => known.hellos.length > 0);
  answers.push(JSON.stringify([stranger.refusals.map(String), known.hellos]));
  stranger.close();
  known.close();
}

describe('keys, tokens and bodies', () => {
  function expectNone(text: string): void {
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  }

  it('A10 appear in no log line, even at the finest level', () => {
    expect(log.split('\n').length).toBeGreaterThan(100);
    expectNone(log);
  });

  it('A10 appear in no response', () => {
    expect(answers.length).toBeGreaterThan(200);
    for (const answer of answers) expectNone(answer);
  });

  it('A10 O2 appear in no metric, and neither does a path, a symbol or a user', async () => {
    const metrics = await (await server.get('/metrics', { 'X-API-Key': OPERATOR_KEY })).text();
    expectNone(metrics);
    expect(metrics).toContain('route="/debug/trace/:symbol"');
    for (const word of ['nowhere', 'BTCUSDT', 'SYM0USDT', 'subject-with-a-token'])
      expect(metrics).not.toContain(word);
  });

  it('A10 appear in no operator response', async () => {
    for (const path of ['/api/market/open-interest/debug', '/debug/doctor', '/debug/trace/BTCUSDT']) {
      expectNone(await (await server.get(path, { 'X-API-Key': OPERATOR_KEY })).text());
    }
  });

  it('O3 are logged as one JSON line an event, of at most 8 kB', () => {
    for (const line of log.trimEnd().split('\n')) {
      expect(line.length).toBeLessThan(8_192);
      expect(typeof JSON.parse(line)).toBe('object');
    }
  });

  it('A10 stay out of the log when the database and Redis do not answer', async () => {
    let lines = '';
    const lonely = await startTestServer({
      databaseUrl: 'postgres://somebody:canary-password-1@127.0.0.1:1/nothing',
      redisUrl: 'redis://:canary-password-2@127.0.0.1:1',
      clock: createFakeClock(),
      logger: createLogger({
        level: 'trace',
        name: 'test',
        destination: { write: (line) => void (lines += line) },
      }),
      notReady: true,
    });
    await waitFor('a complaint', () => lines.includes('database unavailable'));
    await lonely.close();
    expect(lines).not.toContain('canary');
  });
});
