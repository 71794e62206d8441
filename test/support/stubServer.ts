import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CollectorHeartbeat } from '../../src/openInterest/operator/collectors/heartbeat.types.ts';

/** A server for the collector, with its own universe and responses set by the test. */
export type StubServer = {
  url: string;
  beats: CollectorHeartbeat[];
  /** Bodies of the chunks that were posted, and when. */
  chunks: { at: number; data: { symbol: string; ts: number }[] }[];
  close(): Promise<void>;
};

type Answer = { status: number; body: unknown; headers?: Record<string, string> };

export async function startStubServer(options: {
  symbols: readonly string[];
  /** What ingest answers; `path` ends with `/ingest`, `/heartbeat` and so on. `null`: as a healthy server. */
  answer?: (path: string, body: string) => Answer | null;
}): Promise<StubServer> {
  const beats: CollectorHeartbeat[] = [];
  const chunks: StubServer['chunks'] = [];

  function answerHealthy(path: string, body: string): unknown {
    if (path.endsWith('/liquid-universe')) return universeOf(options.symbols);
    if (path.endsWith('/ingest')) return { inserted: chunks.at(-1)!.data.length };
    if (path.endsWith('/heartbeat')) beats.push(CollectorHeartbeat.parse(JSON.parse(body)));
    return { success: true };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const path = request.url!.split('?')[0]!;
    if (path.endsWith('/ingest')) {
      const { data } = JSON.parse(body) as { data: { symbol: string; ts: number }[] };
      chunks.push({ at: performance.now(), data });
    }
    const given = options.answer?.(path, body) ?? { status: 200, body: answerHealthy(path, body) };
    response.writeHead(given.status, { 'Content-Type': 'application/json', ...given.headers });
    response.end(JSON.stringify(given.body));
  }

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    beats,
    chunks,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function universeOf(symbols: readonly string[]) {
  const at = new Date().toISOString();
  const member = { quoteVolume24h: 5e9, enteredAt: at, lastSeenAt: at, estimatedPollIntervalSec: 5 };
  return {
    updatedAt: at,
    enterThreshold: 4e6,
    exitThreshold: 2e6,
    symbols: symbols.map((symbol) => ({ symbol, ...member })),
    totalSymbols: symbols.length,
  };
}
