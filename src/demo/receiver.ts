import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Clock } from '../kit/clock.ts';
import { renderReceived, type Arrival } from './receiverPage.ts';

/** What the page lists. */
const SHOWN = 50;

/**
 * A receiver of webhooks, as a user would write one: it verifies the signature (https://www.standardwebhooks.com), drops ids
 * that it has seen, and shows at `/` what arrived.
 */
export async function startReceiver(options: { secret: string; clock: Clock }) {
  const arrivals = new Map<string, Arrival>();
  let rulesUrl: string | null = null;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const id = String(request.headers['webhook-id'] ?? '');
    if (!isSigned(request.headers, body, options.secret)) {
      response.writeHead(401).end('The signature is wrong\n');
      return;
    }
    const before = arrivals.get(id);
    arrivals.delete(id);
    arrivals.set(id, { at: options.clock.now(), id, body, times: (before?.times ?? 0) + 1 });
    for (const oldest of [...arrivals.keys()].slice(0, -SHOWN)) arrivals.delete(oldest);
    response.writeHead(204).end();
  }

  const server = createServer((request, response) => {
    if (request.method === 'POST') receive(request, response).catch(() => response.destroy());
    else {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
      response.end(renderReceived([...arrivals.values()].toReversed(), rulesUrl));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The page of the rules, which this page then links. */
    linkRules(url: string): void {
      rulesUrl = url;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether one of the signatures is of our secret. A receiver on the internet checks the age of the timestamp as well. */
function isSigned(headers: IncomingMessage['headers'], body: string, secret: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(signed).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((it) => {
      const given = Buffer.from(it.replace(/^v1,/, ''), 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}
