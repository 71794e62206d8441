import type { IncomingMessage } from 'node:http';
import { Server } from 'socket.io';
import type { AccessChange } from '../access/access.types.ts';
import { isAllowedOrigin } from '../access/origin.ts';
import { SECOND_MS } from '../kit/clock.ts';
import { startLoop } from '../kit/loop.ts';
import { createConnectionLimits } from './connectionLimits.ts';
import { closeGently, type Connection } from './connections.ts';
import { authenticateSocket, closeUnlessAdmitted } from './handshake.ts';
import { limitPolledPackets } from './messageLimit.ts';
import { createSocketMetrics } from './metrics.ts';
import { createSocketPublisher } from './publisher.ts';
import { sessionRoom, subjectRoom } from './rooms.ts';
import { endSockets, serveSocket } from './session.ts';
import { createSlowConsumers } from './slowConsumers.ts';
import type { OpenInterestServer, SocketContext, SocketServerOptions } from './sockets.context.ts';
import { createSyncTurns } from './syncTurns.ts';
import { createSocketTraffic } from './traffic.ts';
import { createWebsocketServer } from './websockets.ts';

export type SocketServer = ReturnType<typeof createSocketServer>;

const CLOSE_BATCH = 200;

/**
 * No adapter: each node emits to its own sockets from its own board. No connection state recovery: it would put users
 * back into paid rooms after a downgrade. No compression: per socket it would cost more than all other work together.
 */
const ENGINE_OPTIONS = {
  serveClient: false,
  maxHttpBufferSize: 16_000,
  pingInterval: 10 * SECOND_MS,
  pingTimeout: 8 * SECOND_MS,
  perMessageDeflate: false,
} as const;

/** Serves Socket.IO on `httpServer`: authenticates sockets, sends each what its principal may see, and bounds its cost. */
export function createSocketServer(options: SocketServerOptions) {
  const { settings, clock } = options;
  const metrics = createSocketMetrics(options.registry);
  const traffic = createSocketTraffic(clock);
  const connectionLimits = createConnectionLimits(settings);
  let closing = false;

  function onFlood(): void {
    metrics.closed.inc({ reason: 'flood' });
    traffic.count('flood');
  }

  /** Runs before the upgrade: CORS does not apply to websockets, so foreign origins are refused here. */
  function mayConnect(request: IncomingMessage): boolean {
    if (closing || !connectionLimits.mayArrive(request)) return false;
    const { origin, host } = request.headers;
    return origin === undefined || isAllowedOrigin({ origin, host, allowed: settings.allowedOrigins });
  }

  const io: OpenInterestServer = new Server(options.httpServer, {
    ...ENGINE_OPTIONS,
    wsEngine: createWebsocketServer({ clock, onFlood }),
    cors: { origin: [...settings.allowedOrigins], credentials: true },
    allowRequest: (request, decide) => decide(null, mayConnect(request)),
  });
  const context: SocketContext = {
    ...options,
    io,
    metrics,
    traffic,
    connectionLimits,
    syncTurns: createSyncTurns(clock),
    handshaken: new WeakSet(),
    admitted: new WeakSet(),
  };
  const slowConsumers = watchSlowConsumers(context);

  io.engine.on('connection', (connection: Connection) => {
    connectionLimits.countArrival(connection);
    slowConsumers.watch(connection);
    traffic.watch(connection);
    limitPolledPackets(connection, clock, onFlood);
    closeUnlessAdmitted(context, connection);
  });
  io.use((socket, next) => authenticateSocket(context, socket, next));
  io.on('connection', (socket) => serveSocket(context, socket));

  return {
    publisher: createSocketPublisher({ io, traffic, clock, metrics }),
    /** Closes the subject's sockets because its access has changed. */
    endSubject: (change: AccessChange): void =>
      endSockets(context, subjectRoom(change.sub), change.revoked ? 'revoked' : 'tier_changed'),
    /** Closes the sockets of a session after sign-out. */
    endSession: (sessionId: string): void => endSockets(context, sessionRoom(sessionId), 'revoked'),
    /** Refuses new connections and closes the open ones in batches, so that clients do not reconnect all at once. */
    async close(): Promise<void> {
      closing = true;
      await slowConsumers.stop();
      await closeConnections(context);
      io.engine.close();
    },
  };
}

/** Checks every second for clients that do not read. */
function watchSlowConsumers({ clock, logger, metrics, traffic }: SocketContext) {
  const slowConsumers = createSlowConsumers(clock);
  const loop = startLoop({
    clock,
    everyMs: SECOND_MS,
    onError: (err) => logger.warn({ err }, 'slow consumer check failed'),
    task() {
      const { closed, mostBufferedBytes } = slowConsumers.check();
      metrics.closed.inc({ reason: 'slow' }, closed);
      traffic.count('slow', closed);
      metrics.bufferedMax.set(mostBufferedBytes);
    },
  });
  return { watch: slowConsumers.watch, stop: loop.stop };
}

/** Closes the connection and not the session: a client reconnects after a lost connection, and reaches another node. */
async function closeConnections({ io, clock }: SocketContext): Promise<void> {
  const sockets = [...io.of('/').sockets.values()];
  for (let i = 0; i < sockets.length; i += CLOSE_BATCH) {
    for (const socket of sockets.slice(i, i + CLOSE_BATCH)) closeGently(socket.conn, clock);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
