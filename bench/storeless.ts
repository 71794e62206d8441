import type { Server as HttpServer } from 'node:http';
import { Registry } from 'prom-client';
import { createTokenVerifier } from '../src/access/tokens.ts';
import { systemClock } from '../src/kit/clock.ts';
import { createLogger } from '../src/kit/logger.ts';
import type { Publisher } from '../src/openInterest/board/publisher.types.ts';
import { boardBodyOf, boardFrameOf, boardTagOf, helloOf } from '../src/openInterest/board/audience.ts';
import { createContext } from '../src/openInterest/createContext.ts';
import type { Database } from '../src/platform/database/database.ts';
import { createSocketServer, type SocketServer } from '../src/sockets/server.ts';

/** A node's open interest without Postgres and Redis. */
export function createStorelessContext(publisher: Partial<Publisher>) {
  const db = createStorelessDatabase();
  return createContext({
    settings: {
      realtimeEnabled: true,
      broadcastDebounceMs: 50,
      broadcastMaxWaitMs: 1_000,
      retentionDays: 400,
      hotDays: 3,
    },
    stores: { write: db, read: db, upkeep: db, kind: 'external' } as never,
    clock: systemClock,
    logger: createLogger({ level: 'silent', name: 'bench' }),
    bus: { publish: () => undefined, subscribe: () => undefined },
    publisher: publisher as Publisher,
    requireOpen: () => undefined,
    registry: new Registry(),
    redis: null,
  });
}

/** Answers the one statement of ingest as Postgres would for a chunk of new rows. */
export function createStorelessDatabase(): Database {
  const query = (_sql: string, params: unknown[] = []) => {
    const stored = Array.isArray(params[0]) ? params[0].length : 0;
    return Promise.resolve({ rows: [{ inserted: stored, stale: 0 }], rowCount: 1 });
  };
  return { query } as unknown as Database;
}

/** The sockets of `httpServer` on a board of its own, with tokens of the secret. */
export function createStorelessProduct(httpServer: HttpServer, secret: string) {
  const publisher = {} as SocketServer['publisher'];
  const ctx = createStorelessContext(publisher);
  const sockets = createSocketServer({
    httpServer,
    settings: { allowedOrigins: [], socketsPerUser: 0, socketsPerIp: 0, trustProxyHops: 0 },
    authenticate: createTokenVerifier({ secret, clock: systemClock }).verify,
    endReasonOf: () => null,
    requireOpen: () => undefined,
    boards: () => ({
      tag: (principal) => boardTagOf(ctx, principal),
      hello: (principal) => helloOf(ctx, principal),
      body: (principal, position) => boardBodyOf(ctx, principal, position),
      frame: (principal, position) => boardFrameOf(ctx, principal, position),
    }),
    clock: systemClock,
    logger: createLogger({ level: 'warn', name: 'bench' }),
    registry: new Registry(),
  });
  Object.assign(publisher, sockets.publisher);
  return ctx;
}
