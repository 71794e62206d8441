import { expect } from '@jest/globals';
import { Redis } from 'ioredis';
import type { BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { anItem } from './builders.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { startUrlProxy, type FaultProxy } from './faultProxy.ts';
import { createJumpClock, type JumpClock } from './jumpClock.ts';
import { readBoard } from './openInterestCalls.ts';
import { startRedisServer, type RedisServer } from './redis.ts';
import { openSocket, type TestSocket } from './sockets.ts';
import { startTestServer, type TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

/** The time within which a node re-reads what it may have missed. */
export const REPAIRED_MS = 11_000;

export type Node = { server: TestServer; clock: JumpClock; socket: TestSocket };
export type Given = { symbol: string; ts: number; openInterest: number; source?: string };

export type TwoNodes = {
  database: TestDatabase;
  redis: RedisServer;
  a: Node;
  /** Reaches the database through the proxy. */
  b: Node;
  proxy: FaultProxy;
  /** A sample with a later time than any before. */
  nextSample(symbol: string): Given;
  /** Advances that time, and returns it. */
  laterBy(ms: number): number;
  /** Waits until each node receives messages of the other. */
  untilLinked(): Promise<void>;
  /** Waits until both nodes have re-read twice and their pushes have arrived. */
  repaired(): Promise<void>;
  /** Makes good whatever a test has broken. */
  heal(): Promise<void>;
  close(): Promise<void>;
};

/** Two nodes on one database and one Redis, each with its own dashboard. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const [database, redis] = await Promise.all([createTestDatabase(), startRedisServer()]);
  const proxy = await startUrlProxy(database.url);
  const [a, b] = await Promise.all([startNode(database.url, redis.url), startNode(proxy.url, redis.url)]);
  let ts = Math.floor(Date.now() / 1_000) * 1_000 - 3_000_000;

  function laterBy(ms: number): number {
    ts += ms;
    return ts;
  }

  function nextSample(symbol: string): Given {
    laterBy(1_000);
    return { symbol, ts, openInterest: ts % 1_000_000 };
  }

  async function untilLinked(): Promise<void> {
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

  return {
    database,
    redis,
    a,
    b,
    proxy,
    nextSample,
    laterBy,
    untilLinked,
    async repaired() {
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
    },
    async heal() {
      if (!(await answers(redis.url))) await redis.start();
      proxy.set({ mode: 'pass' });
      await untilLinked();
    },
    async close() {
      for (const { socket, server } of [a, b]) {
        socket.close();
        await server.close();
      }
      await proxy.close();
      await Promise.all([redis.stop(), database.drop()]);
    },
  };
}

async function startNode(databaseUrl: string, redisUrl: string): Promise<Node> {
  const clock = createJumpClock();
  const server = await startTestServer({ databaseUrl, redisUrl, clock });
  const socket = openSocket(server.url, { token: await server.token('pro') });
  await socket.hello();
  return { server, clock, socket };
}

async function answers(redisUrl: string): Promise<boolean> {
  const client = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null });
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

/** Answers the status. */
export async function post(node: Node, samples: readonly Given[]): Promise<number> {
  const { status } = await node.server.post('/api/market/open-interest/ingest', {
    data: samples.map(({ symbol, ...rest }) => anItem(symbol, rest)),
    source: 'realtime',
  });
  return status;
}

export function shows(node: Node, given: Given): boolean {
  return copies(node, given) > 0;
}

/** How many updates have brought this very sample to the node's dashboard. */
export function copies({ socket }: Node, given: Given): number {
  const brought = socket.updates.flatMap((it) => it.rows).filter((row) => row.symbol === given.symbol);
  return (brought as BoardRow[]).filter(
    (row) => row.ts === given.ts && row.openInterest === given.openInterest,
  ).length;
}

/** A node's row of each symbol, for comparison with another node and with the database. */
export async function summaryOf({ server }: Node): Promise<Map<string, string>> {
  const { rows } = await readBoard(server);
  return new Map(
    (rows as BoardRow[]).map((row) => [row.symbol, `${row.ts} ${row.source} ${row.openInterest}`]),
  );
}

export async function storedSummary({ pool }: TestDatabase): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ symbol: string; ts: Date; source: string; open_interest: number }>(
    'select symbol, ts, source, open_interest from open_interest_latest',
  );
  return new Map(rows.map((it) => [it.symbol, `${it.ts.getTime()} ${it.source} ${it.open_interest}`]));
}

/** Asserts that each update of a dashboard starts where the previous one ended: none is missing or repeated. */
export function expectUnbroken({ socket }: Node): void {
  const { updates } = socket;
  expect(updates.map((it) => it.from)).toEqual(
    updates.map((it, i) => (i === 0 ? it.from : updates[i - 1]?.seq)),
  );
}
