import type { Pool } from 'pg';
import { createPool } from './pool.ts';
import { aChunk, symbolNames } from './builders.ts';
import { startUrlProxy, type FaultProxy } from './faultProxy.ts';
import { createJumpClock, type JumpClock } from './jumpClock.ts';
import { startPrivatePostgres, type PrivatePostgres } from './postgres.ts';
import type { TestSocket } from './sockets.ts';
import { startTestServer, type TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

const INGEST = '/api/market/open-interest/ingest';

export type Chunk = ReturnType<typeof aChunk>;
type Posted = { status: number; retryAfter: string | null; ms: number; body: Record<string, unknown> };

export type FaultyPostgres = {
  postgres: PrivatePostgres;
  /** The proxy between the server and its database. */
  proxy: FaultProxy;
  /** The database's address through the proxy. */
  proxiedUrl: string;
  /** Past the proxy, to look at what is stored. */
  pool: Pool;
  clock: JumpClock;
  server: TestServer;
  /** A chunk with a later time than any before. */
  nextChunk(): Chunk;
  post(chunk: Chunk): Promise<Posted>;
  /** Posts it until it is accepted. */
  postUntilTaken(chunk: Chunk): Promise<Posted['body']>;
  /** The rows with the chunk's time. */
  storedAt(chunk: Chunk): Promise<number>;
  /** Makes good whatever a test has broken. */
  heal(): Promise<void>;
  close(): Promise<void>;
};

/** A server with a private database for fault injection. */
export async function startFaultyPostgres(): Promise<FaultyPostgres> {
  // Some operators set this up: without a session setting, this database acknowledges commits that a crash loses.
  const postgres = await startPrivatePostgres({ flags: ['-c', 'synchronous_commit=off'] });
  const proxy = await startUrlProxy(postgres.url);
  const pool = createPool({ url: postgres.url });
  const clock = createJumpClock();
  const server = await startTestServer({ databaseUrl: proxy.url, clock });
  let ts = Date.now() - 3_000_000;

  async function post(chunk: Chunk): Promise<Posted> {
    const startedAt = performance.now();
    const answer = await server.post(INGEST, chunk);
    const body = (await answer.json()) as Record<string, unknown>;
    const ms = performance.now() - startedAt;
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), ms, body };
  }

  return {
    postgres,
    proxy,
    proxiedUrl: proxy.url,
    pool,
    clock,
    server,
    nextChunk() {
      ts += 1_000;
      return aChunk(symbolNames(100), { ts, item: { openInterest: ts % 1_000_000 } });
    },
    post,
    async postUntilTaken(chunk) {
      const taken = async () => {
        const { status, body } = await post(chunk);
        return status === 200 ? body : null;
      };
      return waitFor('the chunk to be taken', taken);
    },
    async storedAt(chunk) {
      const { rowCount } = await pool.query('select from open_interest_snapshots where ts = $1', [
        chunk.timestamp,
      ]);
      return rowCount ?? 0;
    },
    async heal() {
      proxy.set({ mode: 'pass' });
      if (!(await answers(pool))) await postgres.start();
      await waitFor('readiness', async () => {
        clock.jump(2_000);
        return (await server.get('/readyz')).ok;
      });
    },
    async close() {
      await server.close();
      await pool.end();
      await proxy.close();
      await postgres.remove();
    },
  };
}

/** Whether the updates of a dashboard have brought every sample of the chunk. */
export function bringsChunk({ updates }: TestSocket, chunk: Chunk): boolean {
  const at = Date.parse(chunk.timestamp);
  const brought = updates.flatMap((it) => it.rows).filter((row) => 'ts' in row && row.ts === at);
  return new Set(brought.map((row) => row.symbol)).size === chunk.data.length;
}

async function answers(pool: Pool): Promise<boolean> {
  return pool.query('select 1').then(
    () => true,
    () => false,
  );
}
