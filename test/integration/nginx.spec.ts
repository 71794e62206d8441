import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, fetch as fetchThrough } from 'undici';
import { anItem } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startNginx, type NginxProcess } from '../support/nginxProcess.ts';
import { createSocketBox } from '../support/sockets.ts';
import { INGEST_KEY, startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** Failed sign-ins a minute of one address. */
const FAILURES = 4;

describe('two nodes behind the nginx of deploy/', () => {
  let database: TestDatabase;
  let nodes: [TestServer, TestServer];
  let nginx: NginxProcess;
  let url: string;
  const box = createSocketBox();
  const agents = new Map<string, Agent>();

  beforeAll(async () => {
    database = await createTestDatabase();
    const env = { TRUST_PROXY_HOPS: '1', AUTH_FAILURES_PER_MIN: String(FAILURES) };
    const start = () => startTestServer({ databaseUrl: database.url, env });
    nodes = await Promise.all([start(), start()]);
    nginx = await startNginx([nodes[0].port, nodes[1].port]);
    url = `https://127.0.0.1:${nginx.port}`;
  });

  afterEach(() => box.closeAll());

  afterAll(async () => {
    await Promise.all([...agents.values()].map((it) => it.close()));
    await nginx?.stop();
    await Promise.all((nodes ?? []).map((it) => it.close()));
    await database?.drop();
  });

  /** Sends a request from that address; all of 127.0.0.0/8 is this machine. */
  function ask(
    path: string,
    options: { from?: string; headers?: Record<string, string>; body?: unknown } = {},
  ) {
    const { from = '127.0.0.1', headers = {}, body } = options;

    if (!agents.has(from))
      agents.set(from, new Agent({ localAddress: from, connect: { ca: nginx.certificate } }));
    return fetchThrough(url + path, {
      dispatcher: agents.get(from)!,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  }

  function post(symbol: string) {
    const body = { source: 'realtime', data: [anItem(symbol, { ts: Date.now() })] };
    return ask('/api/market/open-interest/ingest', { headers: { 'X-API-Key': INGEST_KEY }, body });
  }

  it('are a configuration that nginx accepts', () => {
    expect(nginx.test()).toEqual({ status: 0, output: expect.stringContaining('test is successful') });
  });

  it('serve pages and API, and block metrics', async () => {
    const statuses = await Promise.all(
      ['/readyz', '/openapi.json', '/metrics', '/nothing'].map(async (it) => (await ask(it)).status),
    );
    expect(statuses.slice(0, 3)).toEqual([200, 200, 404]);
    expect((await post('BTCUSDT')).status).toBe(200);
    const large = { source: 'realtime', data: [{ symbol: 'X'.repeat(300 * 1_024), openInterest: 1 }] };
    const tooLarge = await ask('/api/market/open-interest/ingest', {
      headers: { 'X-API-Key': INGEST_KEY },
      body: large,
    });
    expect(await tooLarge.json()).toMatchObject({ error: { code: expect.any(String) } });
    expect(tooLarge.status).toBe(413);
  });

  it.each(['websocket', 'polling'] as const)('push live updates over %s', async (transport) => {
    const socket = box.open({ url }, {
      token: await nodes[0].token('pro'),
      transports: [transport],
      ca: nginx.certificate,
    } as object);
    await socket.hello();
    expect(socket.socket.io.engine.transport.name).toBe(transport);
    const symbol = transport === 'websocket' ? 'ETHUSDT' : 'SOLUSDT';
    expect((await post(symbol)).status).toBe(200);
    await waitFor('the update', () =>
      socket.updates.some((it) => it.rows.some((row) => row.symbol === symbol)),
    );
    expect(socket.disconnects).toEqual([]);
  });

  it('push live updates over an event stream, without buffering', async () => {
    const headers = { Authorization: `Bearer ${await nodes[0].token('pro')}`, 'Accept-Encoding': 'gzip' };
    const { body } = await ask('/api/market/open-interest/stream', { headers });
    const reader = body!.getReader();
    const decoder = new TextDecoder();
    let text = '';
    const readUntil = async (words: string) => {
      while (!text.includes(words))
        text += decoder.decode((await reader.read()).value as Uint8Array, { stream: true });
    };
    await readUntil('event: board');
    expect((await post('XRPUSDT')).status).toBe(200);
    await readUntil('event: update');
    await readUntil('XRPUSDT');
    await reader.cancel();
  });

  it('accept a session of their own page, whose Origin is the requested host, and no other', async () => {
    const body = { token: await nodes[0].token('pro') };
    const own = await ask('/api/session', { headers: { Origin: url }, body });
    expect([own.status, own.headers.get('set-cookie')]).toEqual([200, expect.stringMatching(/Secure/)]);
    expect(
      (await ask('/api/session', { headers: { Origin: 'https://elsewhere.example' }, body })).status,
    ).toBe(403);
  });

  it('A9 identify each visitor by the address that nginx saw, for any X-Forwarded-For', async () => {
    const fail = async (from: string, forged: string) => {
      const headers = { 'X-API-Key': 'oi_operator_not_a_key_at_all', 'X-Forwarded-For': forged };
      return (await ask('/api/market/open-interest/cache', { from, headers })).status;
    };
    const statuses: number[] = [];
    for (let i = 0; i <= FAILURES; i += 1) statuses.push(await fail('127.0.0.1', `198.51.100.${i}`));
    expect(statuses).toEqual([...Array.from({ length: FAILURES }, () => 401), 429]);
    expect(await fail(await findNeighbour(), '127.0.0.1')).toBe(401);
  });

  /** Another address that nginx sends to the same node: limits are per node. */
  async function findNeighbour(): Promise<string> {
    const nodeOf = async (from: string) =>
      ((await (await ask('/api/market/open-interest/dashboard', { from })).json()) as { startedAt: number })
        .startedAt;
    const own = await nodeOf('127.0.0.1');
    for (let i = 2; i < 40; i += 1) if ((await nodeOf(`127.0.0.${i}`)) === own) return `127.0.0.${i}`;
    throw new Error('nginx sends every other address to the other node');
  }

  it('continue when one of them ends', async () => {
    await nodes[0].close();
    for (let i = 1; i < 6; i += 1) expect((await ask('/readyz', { from: `127.0.0.${i}` })).status).toBe(200);
    expect((await post('BTCUSDT')).status).toBe(200);
  });
});
