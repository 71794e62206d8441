import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Registry } from 'prom-client';
import { Server } from 'socket.io';
import { isAllowedOrigin } from '../access/origin.ts';
import type { AccessChange, Guest, Viewer } from '../access/access.types.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { AppError, coerceError } from '../kit/errors.ts';
import type { Logger } from '../kit/logger.ts';
import { startLoop } from '../kit/loop.ts';
import type { Audience, Publisher } from '../openInterest/board/publisher.types.ts';
import type { BoardBody, BoardPosition } from '../openInterest/openInterest.types.ts';
import { identifyHandshake } from './handshake.ts';
import { closeGently, cutOff, type Connection } from './connections.ts';
import { createCrowd, type CrowdSettings } from './connectionLimits.ts';
import { limitPolledPackets } from './messageLimit.ts';
import { createSocketMetrics } from './metrics.ts';
import { createSocketPublisher, type OpenInterestServer } from './publisher.ts';
import { roomsOf, sessionRoom, subjectRoom } from './rooms.ts';
import { createSlowConsumers } from './slowConsumers.ts';
import { createSyncTurns } from './syncTurns.ts';
import { createSocketTraffic } from './traffic.ts';
import { createWebsocketServer } from './websockets.ts';
import { SyncRequest, type Hello, type SessionEnd, type SyncAnswer } from './sockets.types.ts';

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

export type SocketSettings = CrowdSettings & { allowedOrigins: readonly string[] };

const MAX_MESSAGE_BYTES = 16_000;
const CLOSE_BATCH = 200;
/** Who has not been let in by then is closed. */
const INTRODUCE_WITHIN_MS = 5 * SECOND_MS;

export function createSocketServer(options: {
  httpServer: HttpServer;
  settings: SocketSettings;
  authenticate: (token: string) => Promise<Viewer>;
  /** What has happened to the viewer's access since they were identified; `null`: nothing. */
  selectOptionalEnd: (viewer: Viewer) => SessionEnd['reason'] | null;
  /** Throws while the node is starting or draining. */
  requireOpen: () => void;
  boards: () => SocketBoards;
  clock: Clock;
  logger: Logger;
  registry: Registry;
}): SocketServer {
  const { settings, clock, logger } = options;
  const slowConsumers = createSlowConsumers(clock);
  const crowd = createCrowd(settings);
  const metrics = createSocketMetrics(options.registry);
  const traffic = createSocketTraffic(clock);
  const syncTurns = createSyncTurns(clock);
  const introduced = new WeakSet<Connection>();
  const admitted = new WeakSet<Connection>();
  let closing = false;

  // No adapter: each node emits to its own sockets from its own board. No connection state recovery: it hands paid rooms
  // back to users who no longer pay. Compression per socket would cost more than everything else together.
  const io: OpenInterestServer = new Server(options.httpServer, {
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    pingInterval: 10 * SECOND_MS,
    pingTimeout: 8 * SECOND_MS,
    perMessageDeflate: false,
    wsEngine: createWebsocketServer({ clock, onFlood }),
    cors: { origin: [...settings.allowedOrigins], credentials: true },
    allowRequest: (request, decide) => decide(null, mayConnect(request)),
  });

  function onFlood(): void {
    metrics.closed.inc({ reason: 'flood' });
    traffic.count('flood');
  }

  /** Before the upgrade: CORS does not apply to websockets, so a foreign page is turned away here. */
  function mayConnect(request: IncomingMessage): boolean {
    if (closing || !crowd.hasRoom(request)) return false;
    const { origin, host } = request.headers;
    return origin === undefined || isAllowedOrigin({ origin, host, allowed: settings.allowedOrigins });
  }

  io.engine.on('connection', (connection: Connection) => {
    crowd.arrive(connection);
    slowConsumers.watch(connection);
    traffic.watch(connection);
    limitPolledPackets(connection, clock, onFlood);
    const cancel = clock.after(INTRODUCE_WITHIN_MS, () => {
      if (!admitted.has(connection)) cutOff(connection);
    });
    connection.once('close', cancel);
  });

  io.use((socket, next) => {
    const { conn } = socket;
    // `next` on a connection that is closed lets go of the socket, and nothing else does.
    const turnAway = (): void => {
      conn.close();
      next();
    };
    // Nobody needs to introduce themselves twice on one connection; whoever does wants every message twice.
    if (introduced.has(conn)) return turnAway();
    introduced.add(conn);
    identifyHandshake(socket.handshake, {
      authenticate: options.authenticate,
      allowedOrigins: settings.allowedOrigins,
    })
      .then((principal) => {
        options.requireOpen();
        if (conn.readyState === 'open') crowd.admit(conn, principal);
        socket.data = { principal };
        next();
      })
      .catch((thrown: unknown) => {
        metrics.refused.inc();
        traffic.count('refused');
        // A passing fault must not look final: closing the connection makes the client try again, an error ends it.
        if (thrown instanceof AppError && thrown.status >= 500) turnAway();
        else next(withCode(coerceError(thrown)));
      });
  });

  io.on('connection', (socket) => {
    const { principal } = socket.data;
    admitted.add(socket.conn);
    const { audience, ...hello } = options.boards().hello(principal);
    void socket.join(roomsOf(principal, audience));
    metrics.connected.inc({ audience });

    const cancelExpiry =
      principal.kind === 'viewer'
        ? runAt(clock, principal.expiresAt, () => end(socket.id, { reason: 'expired' }))
        : () => undefined;

    socket.on('open-interest-sync', (...sent: unknown[]) => {
      // The types say what a client of ours sends; this one may be anybody's. Python's sends no argument for none.
      const acknowledge = sent.at(-1) as SyncAnswer | undefined;
      if (typeof acknowledge !== 'function') return;
      const position = sent.length === 1 ? null : sent[0];
      const parsed = SyncRequest.safeParse(position);
      metrics.syncs.inc();
      traffic.count('sync');
      const refuse = (code: string, message: string) => acknowledge({ error: { code, message } });
      if (!parsed.success) {
        return refuse('invalid_position', 'send {epoch, seq}, or null for the whole board');
      }
      const answer = () => acknowledge(options.boards().body(principal, parsed.data));
      if (!syncTurns.ask(socket.conn, () => connectionsOf(principal), answer)) {
        refuse('too_many_syncs', 'answers to earlier ones have not been read yet; wait for them');
      }
    });

    socket.on('disconnect', () => {
      cancelExpiry();
      metrics.connected.dec({ audience });
      // There is nothing else on the connection; left open it would be a place that nobody watches.
      socket.conn.close();
    });
    socket.emit('open-interest-hello', hello);
    // A change that was applied between the handshake and the rooms found no socket to close.
    const reason = principal.kind === 'viewer' ? options.selectOptionalEnd(principal) : null;
    if (reason) end(socket.id, { reason });
  });

  function connectionsOf(principal: Viewer | Guest): Connection[] {
    if (principal.kind !== 'viewer') return [];
    const { adapter, sockets } = io.of('/');
    return [...(adapter.rooms.get(subjectRoom(principal.sub)) ?? [])].flatMap(
      (id) => sockets.get(id)?.conn ?? [],
    );
  }

  /** Tells sockets why, then closes them. The client does not come back by itself: it has to sign in or ask anew. */
  function end(room: string, why: SessionEnd): void {
    const { adapter, sockets } = io.of('/');
    for (const id of [...(adapter.rooms.get(room) ?? [])]) {
      const socket = sockets.get(id);
      if (!socket) continue;
      socket.emit('open-interest-session', why);
      socket.disconnect();
      closeGently(socket.conn, clock);
      metrics.closed.inc({ reason: why.reason });
    }
  }

  const patrol = startLoop({
    clock,
    everyMs: SECOND_MS,
    onError: (err) => logger.warn({ err }, 'slow consumer check failed'),
    task() {
      const { closed, mostBufferedBytes } = slowConsumers.check();
      metrics.closed.inc({ reason: 'slow' }, closed);
      traffic.count('slow', closed);
      metrics.bufferedMax.set(mostBufferedBytes);
      return Promise.resolve();
    },
  });

  return {
    publisher: createSocketPublisher({ io, traffic, clock, metrics }),
    endSubject: (change) =>
      end(subjectRoom(change.sub), { reason: change.revoked ? 'revoked' : 'tier_changed' }),
    endSession: (sessionId) => end(sessionRoom(sessionId), { reason: 'revoked' }),
    async close() {
      closing = true;
      await patrol.stop();
      const sockets = [...io.of('/').sockets.values()];
      for (let i = 0; i < sockets.length; i += CLOSE_BATCH) {
        // The connection, not the session: a client that loses its connection comes back, to another node.
        for (const socket of sockets.slice(i, i + CLOSE_BATCH)) closeGently(socket.conn, clock);
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

/** The client sees `err.message` and `err.data.code`. */
function withCode(error: Error): Error {
  const code = error instanceof AppError ? error.code : 'internal';
  const message = error instanceof AppError ? error.message : 'Internal server error';
  return Object.assign(new Error(message), { data: { code } });
}
