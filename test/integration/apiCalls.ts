import { z } from 'zod';
import { ChannelList } from '../../src/openInterest/delivery/channel.types.ts';
import { AlertRule } from '../../src/openInterest/rules/rules.types.ts';
import { aChunk, anAlert, symbolNames } from '../support/builders.ts';
import { getJson, postChunk } from '../support/openInterestCalls.ts';
import { INGEST_KEY, OPERATOR_KEY, type TestServer } from '../support/testServer.ts';

/** One good call of every route, by `METHOD path` as the route spells it. A route without one fails apiContract.spec.ts. */
export type ApiCall = {
  /** With parameters filled in. */
  path?: string;
  body?: unknown;
  /** Makes what the call needs, and answers where it is. */
  prepare?: (server: TestServer) => Promise<{ path?: string; headers?: Record<string, string> }>;
  /** The status for a free user who may call the route, if it is not 2xx. */
  freeStatus?: number;
  /** A sender with access: the status must be 2xx. */
  as: 'guest' | 'ingest' | 'operator' | 'pro' | 'session';
};

const BASE = '/api/market/open-interest';
const TS = '2026-11-20T13:59:00Z';

const A_RULE = { name: 'Large moves', window: '15m', direction: 'both', thresholdPct: 5 };

/** The first rule of the user, made where there is none. */
async function prepareRule(server: TestServer) {
  const pro = await credentialsOf(server, 'pro');
  const Listed = z.object({ rules: z.array(AlertRule) });
  const list = async () => Listed.parse(await getJson(server, '/api/alert-rules', pro)).rules;
  if ((await list()).length === 0) await server.post('/api/alert-rules', A_RULE, pro);
  const [rule] = await list();
  return { path: `/api/alert-rules/${rule!.id}`, headers: { 'If-Match': `"${rule!.version}"` } };
}

/** Makes a document of the user and answers its version; of another user it is stale. */
const prepareDocument = (path: string, body: object) => async (server: TestServer) => {
  const pro = await credentialsOf(server, 'pro');
  const save = (version: number) =>
    fetch(`${server.url}${path}`, {
      method: 'PUT',
      headers: { ...pro, 'Content-Type': 'application/json', 'If-Match': `"${version}"` },
      body: JSON.stringify(body),
    });
  await save(0);
  const { version } = z.object({ version: z.number() }).parse(await getJson(server, path, pro));
  return { headers: { 'If-Match': `"${version}"` } };
};

const A_BUILT_IN_RULE = { rule: { enabled: true } };

/** Refused when it connects, so that no spec sends anything. */
const A_CHANNEL = { name: 'My receiver', settings: { kind: 'webhook', url: 'https://localhost:1/hook' } };

/** The one channel of the user, made where there is none. */
async function prepareChannel(server: TestServer) {
  const pro = await credentialsOf(server, 'pro');
  const list = async () => ChannelList.parse(await getJson(server, '/api/alert-channels', pro)).channels;
  if ((await list()).length === 0) await server.post('/api/alert-channels', A_CHANNEL, pro);
  return { path: `/api/alert-channels/${(await list())[0]!.id}` };
}

/** Makes room for a channel. */
async function prepareNoChannel(server: TestServer) {
  const pro = await credentialsOf(server, 'pro');
  const { channels } = ChannelList.parse(await getJson(server, '/api/alert-channels', pro));
  for (const { id } of channels) {
    await fetch(`${server.url}/api/alert-channels/${id}`, { method: 'DELETE', headers: pro });
  }
  return { path: '/api/alert-channels' };
}

export const API_CALLS: Readonly<Record<string, ApiCall>> = {
  'GET /health': { as: 'guest' },
  'GET /livez': { as: 'guest' },
  'GET /readyz': { as: 'guest' },
  'GET /metrics': { as: 'operator' },
  'GET /openapi.json': { as: 'guest' },
  'GET /asyncapi.json': { as: 'guest' },
  'GET /docs': { as: 'guest' },
  'GET /docs/start.js': { as: 'guest' },
  'GET /docs/style.css': { as: 'guest' },
  'GET /api/session': { as: 'pro' },
  'GET /api/session/options': { as: 'guest' },
  'POST /api/session': { as: 'guest', body: { demo: 'pro' } },
  'DELETE /api/session': { as: 'session' },
  'POST /api/access/changes': { as: 'operator', body: { sub: 'somebody', tier: 'free' } },
  [`POST ${BASE}/ingest`]: { as: 'ingest', body: { ...aChunk(['BTCUSDT']), timestamp: TS } },
  [`POST ${BASE}`]: { as: 'ingest', body: { ...aChunk(['ETHUSDT']), timestamp: TS } },
  [`GET ${BASE}`]: { as: 'pro' },
  [`GET ${BASE}/board`]: { as: 'pro' },
  [`GET ${BASE}/total`]: { as: 'pro' },
  [`GET ${BASE}/stream`]: { as: 'pro' },
  [`GET ${BASE}/history`]: { as: 'pro', path: `${BASE}/history?symbol=BTCUSDT&range=1h` },
  [`GET ${BASE}/history/export`]: { as: 'pro', path: `${BASE}/history/export?symbol=BTCUSDT` },
  [`GET ${BASE}/samples`]: { as: 'pro', path: `${BASE}/samples?symbol=BTCUSDT` },
  [`GET ${BASE}/snapshot`]: { as: 'ingest', path: `${BASE}/snapshot?symbol=BTCUSDT&ts=${TS}` },
  [`GET ${BASE}/cache`]: { as: 'operator' },
  [`GET ${BASE}/debug`]: { as: 'operator' },
  [`GET ${BASE}/dashboard`]: { as: 'guest' },
  [`GET ${BASE}/liquid-universe`]: { as: 'guest' },
  [`POST ${BASE}/liquid-universe/update`]: {
    as: 'ingest',
    body: { symbols: [{ symbol: 'BTCUSDT', quoteVolume24h: 1e10 }], force: true },
  },
  [`GET ${BASE}/positioning`]: { as: 'pro', path: `${BASE}/positioning?symbol=BTCUSDT` },
  [`POST ${BASE}/positioning`]: {
    as: 'ingest',
    body: {
      symbol: 'BTCUSDT',
      points: [
        {
          ts: Date.parse(TS) - 240_000,
          topPositions: 1.4342,
          topAccounts: 1.21,
          accounts: 0.87,
          takerBought: 387.33,
          takerSold: null,
        },
      ],
    },
  },
  [`GET ${BASE}/positioning/symbols`]: { as: 'ingest' },
  [`POST ${BASE}/positioning/liquidations`]: {
    as: 'ingest',
    body: {
      minutes: [
        {
          symbol: 'BTCUSDT',
          minute: Date.parse(TS),
          longUsd: 12_500,
          shortUsd: 0,
          longs: 2,
          shorts: 0,
        },
      ],
    },
  },
  'POST /api/open-interest-alerts/ingest': { as: 'ingest', body: anAlert() },
  'GET /api/open-interest-alerts': { as: 'pro' },
  'DELETE /api/collectors/:name': { as: 'operator', path: '/api/collectors/retired' },
  'POST /api/collectors/heartbeat': {
    as: 'ingest',
    body: {
      collector: 'oi-poller',
      everySec: 10,
      jobs: [{ name: 'poller', state: 'up', ok: 342, failed: 1 }],
      weight: { used: 1_060, limit: 2_400 },
      spool: { chunks: 0, bytes: 0, dropped: 0 },
      alertRules: [{ timeframe: '5 min', pctChange: 0.03 }],
    },
  },
  'GET /api/saved-views': { as: 'pro' },
  'PUT /api/saved-views': {
    as: 'pro',
    prepare: prepareDocument('/api/saved-views', { views: [] }),
    body: { views: [] },
    freeStatus: 412,
  },
  'GET /api/watchlists': { as: 'pro' },
  'PUT /api/watchlists': {
    as: 'pro',
    prepare: prepareDocument('/api/watchlists', { lists: [] }),
    body: { lists: [] },
    freeStatus: 412,
  },
  'GET /api/alert-rules': { as: 'pro' },
  'POST /api/alert-rules': { as: 'pro', body: A_RULE, freeStatus: 403 },
  'GET /api/alert-rules/:id': { as: 'pro', prepare: prepareRule, freeStatus: 404 },
  'PUT /api/alert-rules/:id': { as: 'pro', prepare: prepareRule, body: A_RULE, freeStatus: 403 },
  'DELETE /api/alert-rules/:id': { as: 'pro', prepare: prepareRule, freeStatus: 404 },
  'POST /api/alert-rules/method-changes/confirm': { as: 'operator' },
  'GET /api/built-in-rule': { as: 'pro', freeStatus: 403 },
  'PUT /api/built-in-rule': {
    as: 'pro',
    prepare: prepareDocument('/api/built-in-rule', A_BUILT_IN_RULE),
    body: A_BUILT_IN_RULE,
    freeStatus: 403,
  },
  'POST /api/alert-rules/replay': {
    as: 'pro',
    body: { rule: A_RULE, from: Date.parse(TS) - 3_600_000, to: Date.parse(TS) },
    freeStatus: 403,
  },
  'GET /api/alert-firings': { as: 'pro' },
  'GET /api/alert-channels': { as: 'pro' },
  'POST /api/alert-channels': { as: 'pro', prepare: prepareNoChannel, body: A_CHANNEL },
  'PUT /api/alert-channels/:id': { as: 'pro', prepare: prepareChannel, body: { name: 'Renamed' } },
  'DELETE /api/alert-channels/:id': { as: 'pro', prepare: prepareChannel, freeStatus: 404 },
  'POST /api/alert-channels/:id/test': {
    as: 'pro',
    prepare: async (server) => ({ path: `${(await prepareChannel(server)).path}/test` }),
  },
  'POST /api/alert-channels/:id/rotate-secret': {
    as: 'pro',
    prepare: async (server) => ({ path: `${(await prepareChannel(server)).path}/rotate-secret` }),
  },
  'GET /api/alert-deliveries': { as: 'pro' },
  'GET /debug/doctor': { as: 'operator', path: '/debug/doctor?format=json' },
  'GET /debug/trace/:symbol': { as: 'operator', path: '/debug/trace/BTCUSDT?format=json' },
};

/** Something for every route to answer: samples of every kind, an alert, a universe, a heartbeat. */
export async function seedServer(server: TestServer): Promise<void> {
  const symbols = ['BTCUSDT', 'ETHUSDT', '币安人生USDT', ...symbolNames(20)];
  const at = Date.parse(TS) - 1_000;
  await postChunk(server, aChunk(symbols, { ts: at - 60_000, source: 'backfill' }));
  await postChunk(server, aChunk(symbols, { ts: at - 30_000, source: 'snapshot' }));
  await postChunk(server, aChunk(symbols, { ts: at, item: { openInterestUsd: 0, markPrice: 0 } }));
  await postChunk(server, aChunk(symbols.slice(0, 10), { ts: at + 500 }));
  const { body: heartbeat } = API_CALLS['POST /api/collectors/heartbeat']!;
  const universe = symbols.concat('DOGEUSDT').map((symbol, i) => ({ symbol, quoteVolume24h: 1e7 - i }));
  for (const [path, body] of [
    ['/api/open-interest-alerts/ingest', anAlert({ symbol: 'BTCUSDT', timestamp: '2026-11-20T13:50:00Z' })],
    [`${BASE}/liquid-universe/update`, { symbols: universe, force: true }],
    ['/api/collectors/heartbeat', heartbeat],
  ] as const) {
    const response = await server.post(path, body);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  }
}

/** Calls a route by its name, optionally with other credentials, path, body or preparation. */
export async function callRoute(
  server: TestServer,
  name: string,
  credentials?: Record<string, string>,
  change: Pick<ApiCall, 'path' | 'body' | 'prepare'> = {},
): Promise<Response> {
  const [method = '', routePath = ''] = name.split(' ');
  const call = API_CALLS[name]!;
  const { prepare, ...changed } = { prepare: call.prepare, ...change };
  const prepared = await prepare?.(server);
  const { path = routePath, body, as } = { ...call, ...prepared, ...changed };
  const response = await fetch(server.url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...prepared?.headers,
      ...(credentials ?? (await credentialsOf(server, as))),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isStream = response.headers.get('content-type') === 'text/event-stream';
  return isStream ? firstPartOf(response) : response;
}

/** An endless response up to its first part, so that it can be read like any other. */
async function firstPartOf({ body, status, headers }: Response): Promise<Response> {
  const reader = body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new Response(value ?? null, { status, headers });
}

async function credentialsOf(server: TestServer, who: ApiCall['as']): Promise<Record<string, string>> {
  switch (who) {
    case 'guest':
      return {};
    case 'ingest':
      return { 'X-API-Key': INGEST_KEY };
    case 'operator':
      return { 'X-API-Key': OPERATOR_KEY };
    case 'pro':
      return { Authorization: `Bearer ${await server.token('pro')}` };
    case 'session':
      return { Cookie: `oi_session=${await server.token('pro')}` };
  }
}
