import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { z } from 'zod';
import { createAccess } from '../src/access/access.module.ts';
import { systemClock } from '../src/kit/clock.ts';
import { createLogger } from '../src/kit/logger.ts';
import { createOpenInterestRoutes } from '../src/openInterest/openInterest.routes.ts';
import { createHttpApp } from '../src/platform/http/createHttpApp.ts';
import { createJsonBodyReader } from '../src/platform/http/jsonBody.ts';
import { mountRoutes } from '../src/platform/http/mountRoutes.ts';
import { createStorelessContext, createStorelessDatabase } from './storeless.ts';

/**
 * One contestant of the ingest benchmark, a child process named by its argument. None of them has a database, so that the
 * path from the socket to the merged row is what differs; `discard` reads the body and answers, which is the most that
 * the load generator can show.
 */
const KEY = 'oi_ingest_bench_0123456789abcdef';
const PATH = '/api/market/open-interest/ingest';
const KEY_DIGEST = digest(KEY);

const Item = z.strictObject({
  symbol: z.string(),
  openInterest: z.number(),
  openInterestUsd: z.number(),
  markPrice: z.number(),
});
const Body = z.strictObject({
  data: z.array(Item),
  timestamp: z.string(),
  totalSymbols: z.number(),
  source: z.string(),
});
type Row = z.infer<typeof Item>;

const CONTESTANTS: Record<string, () => RequestListener> = { ours, plainExpress, bareHttp, discard };

const server = createServer(CONTESTANTS[process.argv[2] ?? '']!());
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port, key: KEY }),
);
process.on('disconnect', () => process.exit(0));

/** The whole route of the product: access, limits off, body, validation, merge, answer. */
function ours(): RequestListener {
  const logger = createLogger({ level: 'silent', name: 'bench' });
  const db = createStorelessDatabase();
  const access = createAccess({
    settings: {
      ingestApiKeys: [KEY],
      operatorApiKeys: [],
      jwtSecret: 'a secret of the benchmark, longer than thirty-two bytes',
      jwksUrl: undefined,
      jwtIssuer: undefined,
      jwtAudience: undefined,
      demoLogin: false,
      insecureInPrivateNetwork: false,
      allowedOrigins: [],
    },
    db,
    write: db,
    clock: systemClock,
    publish: () => undefined,
    onSignOut: () => undefined,
    onViewer: () => undefined,
  });
  const ctx = createStorelessContext({
    update: () => undefined,
    alert: () => undefined,
    pulse: () => undefined,
  });
  return createHttpApp({
    logger,
    observers: [(request, response) => ctx.recorder.observeRequest(request, response)],
    trustProxyHops: 0,
    allowedOrigins: [],
    mount(app) {
      mountRoutes(app, createOpenInterestRoutes(ctx), {
        identify: (request, rule) => access.guards.identify(request, rule),
        limits: { ingest: null, read: null, probe: null, authFailures: null },
        readJsonBody: createJsonBodyReader(256 * 1_024),
        requireStarted: () => undefined,
        clock: systemClock,
      });
    },
  });
}

/** What most services are: Express, its body parser, a zod schema. */
function plainExpress(): RequestListener {
  const rows = new Map<string, Row>();
  const app = express();
  app.use(express.json({ limit: '256kb' }));
  app.post(PATH, (request, response) => {
    if (!isKey(request.headers['x-api-key'])) return void response.status(401).end();
    const parsed = Body.safeParse(request.body);
    if (!parsed.success) return void response.status(400).end();
    for (const item of parsed.data.data) rows.set(item.symbol, item);
    response.json({ success: true, inserted: parsed.data.data.length, cached: rows.size });
  });
  return app;
}

/** The least that is still a service: no framework, a check by hand. */
function bareHttp(): RequestListener {
  const rows = new Map<string, Row>();
  return (request, response) => {
    void readBody(request).then((text) => {
      const body = JSON.parse(text) as { data?: unknown };
      const isGood =
        isKey(request.headers['x-api-key']) && Array.isArray(body.data) && body.data.every(isRow);
      if (!isGood) return void response.writeHead(400).end();
      for (const item of body.data as Row[]) rows.set(item.symbol, item);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ success: true, inserted: rows.size, cached: rows.size }));
    });
  };
}

function discard(): RequestListener {
  return (request, response) => {
    request.resume();
    request.once('end', () => response.end('{}'));
  };
}

function isRow(item: unknown): item is Row {
  const { symbol, openInterest, openInterestUsd, markPrice } = item as Row;
  return (
    typeof symbol === 'string' &&
    typeof openInterest === 'number' &&
    typeof openInterestUsd === 'number' &&
    typeof markPrice === 'number'
  );
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function isKey(given: string | string[] | undefined): boolean {
  return typeof given === 'string' && timingSafeEqual(digest(given), KEY_DIGEST);
}
