import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createOutbound } from '../../../../src/collector/outbound/outbound.ts';
import { createServerClient } from '../../../../src/collector/server/client.ts';
import { parseCollectorConfig } from '../../../../src/collector/config.ts';
import { systemClock } from '../../../../src/kit/clock.ts';

const KEY = 'oi_ingest_canary_0123456789abcdef';
const GOOD = JSON.stringify({ success: true, inserted: 1, duplicates: 0, rejected: [], cached: 1 });

describe('address of the server', () => {
  const parseServerUrl = (url: string) =>
    parseCollectorConfig({ VOLSPIKE_API_URL: url }, { posts: false }).server.url;

  it.each([
    ['api.volspike.com', 'https://api.volspike.com'],
    ['api.volspike.com:8443/', 'https://api.volspike.com:8443'],
    ['localhost:3001', 'http://localhost:3001'],
    ['127.0.0.1:3001', 'http://127.0.0.1:3001'],
    ['[::1]:3001', 'http://[::1]:3001'],
    ['localhost.example.com', 'https://localhost.example.com'],
    ['http://10.0.0.5:3001/', 'http://10.0.0.5:3001'],
    ['https://example.com/volspike/', 'https://example.com/volspike'],
  ])('reads %s as %s', (raw, url) => expect(parseServerUrl(raw)).toBe(url));

  it.each(['ftp://example.com', 'a b'])('refuses %j', (raw) => {
    expect(() => parseServerUrl(raw)).toThrow('VOLSPIKE_API_URL: must be a URL');
  });
});

describe('client of the server', () => {
  let server: Server | undefined;
  const seen: { url: string; headers: Record<string, unknown>; body: string }[] = [];

  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
    seen.length = 0;
  });

  async function clientOf(answer: RequestListener, timeoutMs = 5_000, historyKey?: string) {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        seen.push({ url: request.url ?? '', headers: request.headers, body });
        answer(request, response);
      });
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return createServerClient({
      url,
      apiKey: KEY,
      historyKey,
      clock: systemClock,
      outbound: createOutbound({}),
      timeoutMs,
    });
  }

  const AHEAD = 'ts_in_future: lies more than 60 s ahead of the server; check the clock of the sender';

  it.each([
    ['every item lies ahead', 400, [AHEAD, AHEAD], 'retry'],
    [
      'an alert lies ahead',
      400,
      ['lies more than 60 s ahead of the server; check the clock of the sender'],
      'retry',
    ],
    ['only some items lie ahead', 400, [AHEAD, 'ts_too_old: is older than 30 days'], 'refused'],
    ['nothing is said of items', 400, [], 'refused'],
    ['another status says it', 422, [AHEAD], 'refused'],
  ])('retries a refusal only if time can resolve it: %s', async (_what, status, messages, outcome) => {
    const details = messages.map((message, i) => ({ path: `data[${i}]`, message }));
    const client = await clientOf((_request, response) => {
      response
        .writeHead(status)
        .end(JSON.stringify({ error: { code: 'no_valid_items', message: 'none', details } }));
    });
    const delivery = await client.ingest('{}');
    expect(delivery.outcome).toBe(outcome);
    if (delivery.outcome === 'retry')
      expect(delivery).toMatchObject({ waitsForTime: true, needsOperator: false });
    expect(client.status()).toMatchObject({ failingSince: null, lastError: null });
  });

  it('remembers a refused key until it is reported, and the offset of the server’s clock', async () => {
    let isKnown = false;
    const client = await clientOf((_request, response) => {
      response.setHeader('Date', new Date(Date.now() - 600_000).toUTCString());
      if (isKnown) response.end(GOOD);
      else
        response.writeHead(401).end('{"error":{"code":"invalid_api_key","message":"This key is not known"}}');
    });
    expect(await client.ingest('{}')).toMatchObject({
      outcome: 'retry',
      needsOperator: true,
      reason: 'VOLSPIKE_API_KEY is refused: 401 invalid_api_key: This key is not known',
    });
    expect(client.status()).toMatchObject({
      failingSince: expect.any(Number),
      lastError: { status: 401, text: expect.stringContaining('VOLSPIKE_API_KEY is refused'), count: 1 },
    });
    isKnown = true;
    await client.ingest('{}');
    expect(client.status()).toMatchObject({ failingSince: null, lastError: { status: 401 } });
    expect(Math.abs(client.status().aheadMs! + 600_000)).toBeLessThan(2_000);
  });

  it.each([
    [200, 'accepted'],
    [400, 'refused'],
    [401, 'retry'],
    [403, 'retry'],
    [404, 'retry'],
    [408, 'retry'],
    [409, 'refused'],
    [413, 'refused'],
    [415, 'refused'],
    [422, 'refused'],
    [429, 'retry'],
    [301, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
  ])('Q5 maps %i to %s', async (status, outcome) => {
    const client = await clientOf((_request, response) => {
      response.writeHead(status, { Location: '/elsewhere', 'Retry-After': '7' });
      response.end(status === 200 ? GOOD : '{"error":{"code":"some_code","message":"some words"}}');
    });
    const delivery = await client.ingest('{}');
    expect(delivery.outcome).toBe(outcome);
    expect(seen).toHaveLength(1);
    if (delivery.outcome === 'refused') expect(delivery.reason).toBe(`${status} some_code: some words`);
    if (delivery.outcome === 'retry' && status >= 429) expect(delivery.retryAfterMs).toBe(7_000);
    if (status === 401) expect(delivery).toMatchObject({ needsOperator: true, retryAfterMs: 30_000 });
  });

  it('treats a 200 that is not our server’s as a failure', async () => {
    const client = await clientOf((_request, response) => response.end('<html>Sign in to the hotel</html>'));
    expect(await client.ingest('{}')).toMatchObject({ outcome: 'retry', needsOperator: true });
  });

  it.each([400, 404, 405, 410, 413, 421])(
    'retries after a %i that is not our server’s, and asks to check the address',
    async (status) => {
      const client = await clientOf((_request, response) => {
        response.writeHead(status, { 'Content-Type': 'text/html' });
        response.end(`<html><h1>${status}</h1></html>`);
      });
      expect(await client.ingest('{}')).toMatchObject({
        outcome: 'retry',
        needsOperator: true,
        reason: expect.stringMatching(/that is not the server's; does the address lead to it\?$/),
      });
    },
  );

  it('sends the body unchanged, with the key in its header only', async () => {
    const client = await clientOf((_request, response) => response.end(GOOD));
    await client.ingest('{"data":[1.0,  2]}');
    expect(seen[0]).toMatchObject({
      url: '/api/market/open-interest/ingest',
      body: '{"data":[1.0,  2]}',
      headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
    });
  });

  it('does not follow a redirect with the key', async () => {
    const client = await clientOf((request, response) => {
      response.writeHead(307, { Location: `http://127.0.0.1:1${request.url ?? ''}` });
      response.end();
    });
    expect(await client.alert('{}')).toMatchObject({ outcome: 'retry', needsOperator: true });
  });

  it('answers "again" to a refused connection, a truncated response and silence, and never rejects', async () => {
    const cut = await clientOf((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('{"succ', () => response.destroy());
    });
    expect(await cut.ingest('{}')).toMatchObject({ outcome: 'retry', needsOperator: false });
    await new Promise((resolve) => server!.close(resolve));
    expect(await cut.ingest('{}')).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    const silent = await clientOf(() => undefined, 50);
    expect(await silent.ingest('{}')).toMatchObject({ outcome: 'retry', reason: 'no answer in 0.05 s' });
  });

  it('aborts a call on its signal, and starts none when it was aborted before', async () => {
    const stopping = new AbortController();
    const client = await clientOf(() => stopping.abort(new Error('stopping')));
    expect(await client.ingest('{}', stopping.signal)).toMatchObject({
      outcome: 'retry',
      reason: 'stopping',
    });
    await expect(client.selectUniverse(stopping.signal)).rejects.toThrow('stopping');
    expect(seen.map((it) => it.url)).toEqual(['/api/market/open-interest/ingest']);
  });

  it('aborts a call whose response never ends, and closes its connection', async () => {
    const stopping = new AbortController();
    let closed: Promise<unknown> | undefined;
    const client = await clientOf((_request, response) => {
      closed = once(response, 'close');
      response.write('{', () => stopping.abort(new Error('stopping')));
    });
    await expect(client.selectUniverse(stopping.signal)).rejects.toThrow('stopping');
    await closed;
  });

  it('returns an empty universe, and rejects when the universe cannot be read', async () => {
    const body = { updatedAt: '', enterThreshold: 4e6, exitThreshold: 2e6, symbols: [], totalSymbols: 0 };
    const good = await clientOf((_request, response) => response.end(JSON.stringify(body)));
    expect((await good.selectUniverse()).symbols).toEqual([]);
    server!.close();
    const bad = await clientOf((_request, response) => response.writeHead(503).end('{}'));
    await expect(bad.selectUniverse()).rejects.toThrow('503');
    await expect(bad.selectUniverse()).rejects.toMatchObject({ isTemporary: true });
    server!.close();
    const unknown = await clientOf((_request, response) => response.writeHead(403).end('{"error":"no"}'));
    await expect(unknown.selectUniverse()).rejects.toMatchObject({ isTemporary: false });
  });

  it.each([
    ['oi_operator_key', { 'x-api-key': 'oi_operator_key' }],
    ['head.claims.signature', { authorization: 'Bearer head.claims.signature' }],
  ])('reads history with %s in the header for its kind of key', async (historyKey, headers) => {
    const client = await clientOf((_request, response) => response.end('{"samples":[]}'), 5_000, historyKey);
    expect(await client.selectSamples({ symbol: '币安人生USDT', limit: 500, before: 5 })).toEqual([]);
    expect(seen[0]!.headers).toMatchObject(headers);
    expect(new URL(seen[0]!.url, 'http://x').searchParams.get('symbol')).toBe('币安人生USDT');
  });
});
