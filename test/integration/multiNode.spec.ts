import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { BoardBody, BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { anAlert, anItem, symbolNames } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startFaultProxy, type FaultProxy } from '../support/faultProxy.ts';
import { createJumpClock, type JumpClock } from '../support/jumpClock.ts';
import { startRedisServer, type RedisServer } from '../support/redis.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { quantile } from '../support/writers.ts';

const INGEST = '/api/market/open-interest/ingest';
/** By then a node has read again what it may have missed. */
const REPAIRED_MS = 11_000;

type Node = { server: TestServer; clock: JumpClock; socket: TestSocket };

let database: TestDatabase;
let proxy: FaultProxy;
let redis: RedisServer;
let a: Node;
/** Reaches the database through the proxy. */
let b: Node;
let ts = Math.floor(Date.now() / 1_000) * 1_000 - 3_000_000;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedisServer()]);
  const url = new URL(database.url);
  proxy = await startFaultProxy(Number(url.port));
  url.port = String(proxy.port);
  [a, b] = await Promise.all([startNode(database.url), startNode(url.href)]);
});

async function startNode(databaseUrl: string): Promise<Node> {
  const clock = createJumpClock();
  const server = await startTestServer({ databaseUrl, redisUrl: redis.url, clock });
  const socket = openSocket(server.url, { token: await server.token('pro') });
  await socket.hello();
  return { server, clock, socket };
}

afterEach(async () => {
  if (!(await isRedisUp())) await redis.start();
  proxy.set({ mode: 'pass' });
  await waitUntilLinked();
});

afterAll(async () => {
  for (const { socket, server } of [a, b]) {
    socket.close();
    await server.close();
  }
  await proxy.close();
  await Promise.all([redis.stop(), database.drop()]);
});

async function isRedisUp(): Promise<boolean> {
  const client = new Redis(redis.url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** Until each node hears the other. */
async function waitUntilLinked(): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    await waitFor('the nodes to hear each other', async () => {
      const sample = nextSample('LINKUSDT');
      await post(from, [sample]);
      return waitFor('the sample', () => shows(to, sample), { timeoutMs: 300 });
    });
  }
}

type Given = { symbol: string; ts: number; openInterest: number; source?: string };

function nextSample(symbol: string): Given {
  ts += 1_000;
  return { symbol, ts, openInterest: ts % 1_000_000 };
}

async function post(node: Node, samples: readonly Given[]): Promise<number> {
  const { status } = await node.server.post(INGEST, {
    data: samples.map(({ symbol, ...rest }) => anItem(symbol, rest)),
    source: 'realtime',
  });
  return status;
}

function shows(node: Node, given: Given): boolean {
  return copies(node, given) > 0;
}

/** How many updates have brought this very sample to the node's socket. */
function copies({ socket }: Node, given: Given): number {
  return socket.updates
    .flatMap((it) => it.rows)
    .filter(
      (row) =>
        row.symbol === given.symbol &&
        'ts' in row &&
        row.ts === given.ts &&
        row.openInterest === given.openInterest,
    ).length;
}

async function boardOf({ server }: Node): Promise<Map<string, string>> {
  const answer = await server.get('/api/market/open-interest/board', {
    Authorization: `Bearer ${await server.token('pro')}`,
  });
  const { rows } = (await answer.json()) as BoardBody;
  return new Map(
    (rows as BoardRow[]).map((row) => [row.symbol, `${row.ts} ${row.source} ${row.openInterest}`]),
  );
}

async function stored(): Promise<Map<string, string>> {
  const { rows } = await database.pool.query<{
    symbol: string;
    ts: Date;
    source: string;
    open_interest: number;
  }>('select symbol, ts, source, open_interest from open_interest_latest');
  return new Map(rows.map((it) => [it.symbol, `${it.ts.getTime()} ${it.source} ${it.open_interest}`]));
}

/** Every update of one run follows the one before: none is missing, none came twice. */
function isUnbroken({ socket }: Node): boolean {
  return socket.updates.every((update, i) => i === 0 || update.from === socket.updates[i - 1]?.seq);
}

async function postAlert(node: Node, source: string): Promise<string> {
  const answer = await node.server.post(
    '/api/open-interest-alerts/ingest',
    anAlert({ timestamp: Date.now(), source }),
  );
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: string }).id;
}

function timesAlerted({ socket }: Node, id: string): number {
  return socket.alerts.filter((it) => it.id === id).length;
}

/** Lets both nodes read again, twice, and whatever they push arrive. */
async function repaired(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (const { clock, socket } of [a, b]) {
      clock.jump(REPAIRED_MS);
      const pulses = socket.pulses.length;
      await waitFor('the next pulse', () => {
        clock.jump(1_000);
        return socket.pulses.length > pulses;
      });
      await socket.sync(null);
    }
  }
}

describe('a sample', () => {
  it('M1 B9 that one node takes is on the screens of the other within a second, once', async () => {
    const delays: number[] = [];
    const samples: Given[] = [];
    for (let i = 0; i < 40; i += 1) {
      const [from, to] = i % 2 ? [a, b] : [b, a];
      const sample = nextSample(`SYM${i % 10}USDT`);
      samples.push(sample);
      const startedAt = performance.now();
      expect(await post(from, [sample])).toBe(200);
      await waitFor('the other node', () => shows(to, sample), { everyMs: 2 });
      delays.push(performance.now() - startedAt);
    }
    process.stdout.write(
      `M1 p50 ${Math.round(quantile(delays, 0.5))} p99 ${Math.round(quantile(delays, 0.99))} ms\n`,
    );
    expect(quantile(delays, 0.99)).toBeLessThan(1_000);
    for (const node of [a, b]) {
      expect(samples.map((it) => copies(node, it))).toEqual(samples.map(() => 1));
      expect(isUnbroken(node)).toBe(true);
    }
  });

  it('M1 reaches the other node within 11 s when Redis is dead', async () => {
    await redis.kill();
    const sample = nextSample('DEADUSDT');
    expect(await post(a, [sample])).toBe(200);
    await waitFor('its own screens', () => shows(a, sample));
    expect(shows(b, sample)).toBe(false);
    b.clock.jump(REPAIRED_MS);
    await waitFor('the other node', () => shows(b, sample));
    await repaired();
    expect([copies(a, sample), copies(b, sample)]).toEqual([1, 1]);
  });

  it('M2 B3 of two pollers at two nodes never flips back and forth, and all end with what the database keeps', async () => {
    const symbols = symbolNames(50, 100);
    for (const { socket } of [a, b]) socket.updates.length = 0;
    const base = (ts += 100_000);
    const poller = async (node: Node, offset: number, source: string): Promise<void> => {
      for (let round = 0; round < 30; round += 1) {
        // Each second one is late: its moment lies behind what the other poller has told already.
        const at = base + round * 1_000 + offset - (round % 2) * 700;
        await post(
          node,
          symbols.map((symbol) => ({ symbol, ts: at, openInterest: at % 1_000_000, source })),
        );
      }
    };
    await Promise.all([poller(a, 0, 'realtime'), poller(b, 350, 'realtime'), poller(b, 0, 'snapshot')]);
    ts = base + 100_000;
    await waitFor(
      'the nodes to agree',
      async () => JSON.stringify(sorted(await boardOf(a))) === JSON.stringify(sorted(await boardOf(b))),
    );
    expect(await boardOf(a)).toEqual(await stored());
    for (const { socket } of [a, b]) {
      const shown = new Map<string, [number, string]>();
      let regressions = 0;
      for (const row of socket.updates.flatMap((it) => it.rows) as BoardRow[]) {
        const [heldTs, heldSource] = shown.get(row.symbol) ?? [0, ''];
        if (row.ts < heldTs || (row.ts === heldTs && heldSource === 'realtime' && row.source === 'snapshot'))
          regressions += 1;
        shown.set(row.symbol, [row.ts, row.source]);
      }
      expect(regressions).toBe(0);
      expect(shown.size).toBe(50);
    }
    expect([isUnbroken(a), isUnbroken(b)]).toEqual([true, true]);
  });

  it('of the same moment with two values ends as the database keeps it, on every node', async () => {
    ts += 1_000;
    const symbols = symbolNames(30, 200);
    const value = (openInterest: number) => symbols.map((symbol) => ({ symbol, ts, openInterest }));
    expect(await Promise.all([post(a, value(111)), post(b, value(222))])).toEqual([200, 200]);
    await repaired();
    const kept = await stored();
    await waitFor('both nodes to show what is kept', async () => {
      const [shownByA, shownByB] = [await boardOf(a), await boardOf(b)];
      return symbols.every((it) => shownByA.get(it) === kept.get(it) && shownByB.get(it) === kept.get(it));
    });
  });
});

describe('an alert', () => {
  it('B9 is pushed once by each node to its own sockets', async () => {
    const id = await postAlert(a, 'bus up');
    await waitFor('both', () => timesAlerted(a, id) + timesAlerted(b, id) >= 2, { timeoutMs: 1_000 });
    await repaired();
    expect([timesAlerted(a, id), timesAlerted(b, id)]).toEqual([1, 1]);
  });

  it('B9 is pushed once by each node when it is posted to both at the same time', async () => {
    const alert = anAlert({ timestamp: Date.now(), source: 'posted twice' });
    const answers = await Promise.all(
      [a, b, a, b].map((node) => node.server.post('/api/open-interest-alerts/ingest', alert)),
    );
    const ids = await Promise.all(answers.map(async (it) => ((await it.json()) as { id: string }).id));
    expect(new Set(ids).size).toBe(1);
    await repaired();
    expect([timesAlerted(a, ids[0]!), timesAlerted(b, ids[0]!)]).toEqual([1, 1]);
  });

  it('M3 B9 is pushed once by each node when Redis is dead and comes back, also by a node whose clock is wrong', async () => {
    b.clock.jump(90_000);
    await repaired();
    await redis.kill();
    const id = await postAlert(a, 'bus down');
    await waitFor('its own sockets', () => timesAlerted(a, id) === 1);
    await repaired();
    await waitFor('the other node', () => timesAlerted(b, id) === 1, { timeoutMs: 2_000 });
    await redis.start();
    await waitUntilLinked();
    await repaired();
    expect([timesAlerted(a, id), timesAlerted(b, id)]).toEqual([1, 1]);
  });
});

describe('the liquid universe', () => {
  async function universeOf({ server }: Node): Promise<string[]> {
    const body = (await (await server.get('/api/market/open-interest/liquid-universe')).json()) as {
      symbols: { symbol: string }[];
    };
    return body.symbols.map((it) => it.symbol).toSorted();
  }

  async function replace(node: Node, symbols: readonly string[]): Promise<void> {
    const answer = await node.server.post('/api/market/open-interest/liquid-universe/update', {
      symbols: symbols.map((symbol) => ({ symbol, quoteVolume24h: 5_000_000 })),
      force: true,
    });
    expect(answer.status).toBe(200);
  }

  it("M1 that one node is given is the other's within a second, and within 11 s when Redis is dead", async () => {
    await replace(a, ['AUSDT', 'BUSDT']);
    await waitFor('the other node', async () => String(await universeOf(b)) === 'AUSDT,BUSDT', {
      timeoutMs: 1_000,
    });
    await redis.kill();
    await replace(b, ['BUSDT', 'CUSDT', 'DUSDT']);
    expect(await universeOf(a)).toEqual(['AUSDT', 'BUSDT']);
    a.clock.jump(REPAIRED_MS);
    await waitFor('the other node', async () => String(await universeOf(a)) === 'BUSDT,CUSDT,DUSDT');
  });
});

describe('a node', () => {
  it('M4 that is cut off from the database refuses ingest, and its screens keep moving with what others take', async () => {
    proxy.set({ mode: 'blackhole' });
    const own = nextSample('OWNUSDT');
    const refused = post(b, [own]);
    const other = nextSample('OTHERUSDT');
    expect(await post(a, [other])).toBe(200);
    await waitFor('the sample of the other node', () => shows(b, other), { timeoutMs: 1_000 });
    expect(await refused).toBe(503);
    expect((await b.server.get('/livez')).status).toBe(200);
    expect(b.socket.disconnects).toEqual([]);
    proxy.set({ mode: 'pass' });
    expect(await waitFor('ingest to work again', async () => (await post(b, [own])) === 200)).toBe(true);
  });

  it('B8 that hears nonsense on the bus is not moved by it', async () => {
    const client = new Redis(redis.url);
    const before = await boardOf(b);
    const good = nextSample('GOODUSDT');
    const bodies: unknown[] = [
      null,
      [],
      [{ symbol: 'X' }],
      [{ ...fullSample('FUTUREUSDT'), ts: Date.now() + 86_400_000 }],
      [{ ...fullSample('LESSUSDT'), openInterest: -1 }],
      [fullSample('__proto__')],
      [{ ...fullSample('OLDERUSDT'), source: 'backfill' }],
    ];
    for (const channel of ['samples', 'alerts', 'access', 'signout', 'universe']) {
      await client.publish(`oi:bus:${channel}`, 'not json');
      for (const body of bodies)
        await client.publish(`oi:bus:${channel}`, JSON.stringify({ node: 'stranger', body }));
    }
    await post(a, [good]);
    await waitFor('the bus to have been read', () => shows(b, good));
    const after = await boardOf(b);
    after.delete('GOODUSDT');
    expect(after).toEqual(before);
    client.disconnect();
  });
});

function fullSample(symbol: string) {
  return {
    symbol,
    openInterest: 1,
    openInterestUsd: 1,
    markPrice: 1,
    fundingRate: null,
    ts: Date.now(),
    source: 'realtime',
  };
}

function sorted(board: ReadonlyMap<string, string>): string[] {
  return [...board].map(([symbol, value]) => `${symbol} ${value}`).toSorted();
}
