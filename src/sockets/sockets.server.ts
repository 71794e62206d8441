import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { Gauge, Counter, type Registry } from 'prom-client';
import { Server } from 'socket.io';
import { isAllowedOrigin } from '../access/access.origin.ts';
import type { AccessChange, Guest, Viewer } from '../access/access.types.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { AppError, coerceError } from '../kit/errors.ts';
import type { Logger } from '../kit/logger.ts';
import { startLoop } from '../kit/loop.ts';
import type { Audience, Publisher } from '../openInterest/openInterest.publisher.types.ts';
import type { BoardBody, BoardPosition } from '../openInterest/openInterest.types.ts';
import { identifyHandshake } from './sockets.auth.ts';
import { limitMessages } from './sockets.messageLimit.ts';
import { createSocketPublisher, type OpenInterestServer } from './sockets.publisher.ts';
import { roomsOf, sessionRoom, subjectRoom } from './sockets.rooms.ts';
import { createSlowConsumers } from './sockets.slowConsumers.ts';
import { SyncRequest, type Hello, type SessionEnd } from './sockets.types.ts';

/** What sockets need to know of open interest. */
export type SocketBoards = {
  hello(principal: Viewer | Guest): Hello & { audience: Audience };
  body(principal: Viewer | Guest, position: BoardPosition | null): BoardBody;
};

export type SocketServer = {
  publisher: Publisher;
  /** A subject's access has changed: its sockets are told and closed. */
  endSubject(change: AccessChange): void;
  /** A session was signed out. */
  endSession(sessionId: string): void;
  /** Lets nobody in any more, then closes what is open in batches, so that clients do not come back as one. */
  close(): Promise<void>;
};

export type SocketSettings = {
  allowedOrigins: readonly string[];
  /** 0 is off, for both. */
  socketsPerUser: number;
  socketsPerIp: number;
  trustProxyHops: number;
};

const MAX_MESSAGE_BYTES = 16_000;
const CLOSE_BATCH = 200;

export function createSocketServer(options: {
  httpServer: HttpServer;
  settings: SocketSettings;
  authenticate: (token: string) => Promise<Viewer>;
  /** False when the viewer's access has changed since they were identified. */
  isCurrent: (viewer: Viewer) => boolean;
  /** Throws while the node is starting or draining. */
  requireOpen: () => void;
  boards: () => SocketBoards;
  clock: Clock;
  logger: Logger;
  registry: Registry;
}): SocketServer {
  const { settings, clock, logger } = options;
  const slowConsumers = createSlowConsumers(clock);
  const metrics = createSocketMetrics(options.registry);
  let closing = false;

  // No adapter: each node emits to its own sockets from its own board. No connection state recovery: it hands paid rooms
  // back to users who no longer pay. Compression per socket would cost more than everything else together.
  const io: OpenInterestServer = new Server(options.httpServer, {
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    connectTimeout: 5 * SECOND_MS,
    pingInterval: 10 * SECOND_MS,
    pingTimeout: 8 * SECOND_MS,
    perMessageDeflate: false,
    cors: { origin: [...settings.allowedOrigins], credentials: true },
    allowRequest: (request, decide) => decide(null, mayConnect(request)),
  });

  /** Before the upgrade: CORS does not apply to websockets, so a foreign page is turned away here. */
  function mayConnect(request: IncomingMessage): boolean {
    if (closing) return false;
    const { origin, host } = request.headers;
    return origin === undefined || isAllowedOrigin({ origin, host, allowed: settings.allowedOrigins });
  }

  io.use((socket, next) => {
    identifyHandshake(socket.handshake, {
      authenticate: options.authenticate,
      allowedOrigins: settings.allowedOrigins,
    })
      .then((principal) => {
        options.requireOpen();
        socket.data = { principal, address: addressOf(socket.handshake, settings.trustProxyHops) };
        refuseCrowd(principal, socket.data.address);
        next();
      })
      .catch((thrown: unknown) => {
        const error = coerceError(thrown);
        metrics.refused.inc();
        // A passing fault must not look final: closing the connection makes the client try again, an error ends it.
        if (thrown instanceof AppError && thrown.status >= 500) socket.conn.close();
        else next(withCode(error));
      });
  });

  function refuseCrowd(principal: Viewer | Guest, address: string): void {
    const { socketsPerUser, socketsPerIp } = settings;
    if (principal.kind === 'viewer' && socketsPerUser > 0) {
      const held = io.of('/').adapter.rooms.get(subjectRoom(principal.sub))?.size ?? 0;
      if (held >= socketsPerUser) throw tooMany(`this user has ${socketsPerUser} connections`);
    }
    if (socketsPerIp > 0) {
      const held = io.of('/').adapter.rooms.get(addressRoom(address))?.size ?? 0;
      if (held >= socketsPerIp) throw tooMany(`this address has ${socketsPerIp} connections`);
    }
  }

  io.on('connection', (socket) => {
    const { principal, address } = socket.data;
    const { audience, ...hello } = options.boards().hello(principal);
    void socket.join([...roomsOf(principal, audience), addressRoom(address)]);
    metrics.connected.inc({ audience });
    limitMessages(socket, clock, () => metrics.closed.inc({ reason: 'flood' }));

    const cancelExpiry =
      principal.kind === 'viewer'
        ? runAt(clock, principal.expiresAt, () => end([socket.id], { reason: 'expired' }))
        : () => undefined;

    socket.on('open-interest-sync', (position, acknowledge) => {
      // The types tell what a client of ours sends; this one may be anybody's.
      if (typeof acknowledge !== 'function') return;
      const parsed = SyncRequest.safeParse(position);
      metrics.syncs.inc();
      acknowledge(
        parsed.success
          ? options.boards().body(principal, parsed.data)
          : {
              error: { code: 'invalid_position', message: 'send {epoch, seq}, or null for the whole board' },
            },
      );
    });

    socket.on('disconnect', () => {
      cancelExpiry();
      slowConsumers.forget(socket.id);
      metrics.connected.dec({ audience });
    });
    socket.emit('open-interest-hello', hello);
    // A change that was applied between the handshake and the rooms found no socket to close.
    if (principal.kind === 'viewer' && !options.isCurrent(principal)) {
      end([socket.id], { reason: 'tier_changed' });
    }
  });

  /** Tells sockets why, then closes them. The client does not come back by itself: it has to sign in or ask anew. */
  function end(rooms: string[], why: SessionEnd): void {
    const target = io.local.to(rooms);
    target.emit('open-interest-session', why);
    target.disconnectSockets(true);
    metrics.closed.inc({ reason: why.reason });
  }

  const patrol = startLoop({
    clock,
    everyMs: SECOND_MS,
    onError: (err) => logger.warn({ err }, 'slow consumer check failed'),
    async task() {
      for (const socket of io.of('/').sockets.values()) {
        if (slowConsumers.check(socket)) metrics.closed.inc({ reason: 'slow' });
      }
      await Promise.resolve();
    },
  });

  return {
    publisher: createSocketPublisher(io),
    endSubject: (change) =>
      end([subjectRoom(change.sub)], { reason: change.revoked ? 'revoked' : 'tier_changed' }),
    endSession: (sessionId) => end([sessionRoom(sessionId)], { reason: 'revoked' }),
    async close() {
      closing = true;
      await patrol.stop();
      const sockets = [...io.of('/').sockets.values()];
      for (let i = 0; i < sockets.length; i += CLOSE_BATCH) {
        // The connection, not the session: a client that loses its connection comes back, to another node.
        for (const socket of sockets.slice(i, i + CLOSE_BATCH)) socket.conn.close();
        await new Promise((resolve) => setImmediate(resolve));
      }
      io.engine.close();
    },
  };
}

/** Timers wait 24 days at most, tokens may last longer. */
function runAt(clock: Clock, at: number, task: () => void): () => void {
  let cancel = clock.after(at - clock.now(), check);
  function check(): void {
    if (clock.now() >= at) task();
    else cancel = clock.after(at - clock.now(), check);
  }
  return () => cancel();
}

function addressRoom(address: string): string {
  return `address:${address}`;
}

function tooMany(why: string): AppError {
  return new AppError(429, 'too_many_sockets', `Too many connections: ${why}; close some first`);
}

/** The client sees `err.message` and `err.data.code`. */
function withCode(error: Error): Error {
  const code = error instanceof AppError ? error.code : 'internal';
  const message = error instanceof AppError ? error.message : 'Internal server error';
  return Object.assign(new Error(message), { data: { code } });
}

/** The peer, or what the trusted proxies in front say it is. */
function addressOf(
  handshake: { address: string; headers: NodeJS.Dict<string | string[]> },
  trustProxyHops: number,
): string {
  if (trustProxyHops === 0) return handshake.address;
  const forwarded = String(handshake.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
  return forwarded.at(-trustProxyHops) ?? forwarded[0] ?? handshake.address;
}

function createSocketMetrics(registry: Registry) {
  const registers = [registry];
  return {
    connected: new Gauge({
      name: 'ws_connected',
      help: 'Connected sockets by what they are sent',
      labelNames: ['audience'] as const,
      registers,
    }),
    closed: new Counter({
      name: 'ws_closed_total',
      help: 'Sockets closed by the server',
      labelNames: ['reason'] as const,
      registers,
    }),
    refused: new Counter({ name: 'ws_refused_total', help: 'Handshakes refused', registers }),
    syncs: new Counter({
      name: 'ws_syncs_total',
      help: 'Positions asked to be brought up to date',
      registers,
    }),
  };
}
