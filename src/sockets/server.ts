import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Server } from 'socket.io';
import type { AccessChange } from '../access/access.types.ts';
import { isAllowedOrigin } from '../access/origin.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { startLoop } from '../kit/loop.ts';
import { createArrivals } from './arrivals.ts';
import { createBroadcasts } from './broadcast/adapter.ts';
import { createFrameWriter } from './broadcast/writeFrame.ts';
import { createConnectionLimits, type ConnectionLimits } from './connectionLimits.ts';
import { closeGently, isEventStream, type Connection } from './connections.ts';
import { createExpiries } from './expiries.ts';
import { authenticateSocket } from './handshake.ts';
import { limitPolledPackets } from './messageLimit.ts';
import { createSocketMetrics } from './metrics.ts';
import { createSocketPublisher } from './publisher.ts';
import { sessionRoom, subjectRoom } from './rooms.ts';
import { createSession, endSockets } from './session.ts';
import { createSharedMessages } from './sharedMessages.ts';
import { createSlowConsumers } from './slowConsumers.ts';
import type { OpenInterestServer, SocketContext, SocketServerOptions } from './sockets.context.ts';
import { createEventStreams } from './streams/eventStreams.ts';
import { createEventStreamRoutes } from './streams/eventStream.routes.ts';
import { createSyncTurns } from './syncTurns.ts';
import { createSocketTraffic } from './traffic.ts';
import { createWebsocketServer } from './websockets.ts';

export type SocketServer = ReturnType<typeof createSocketServer>;

const CLOSE_BATCH = 200;

/**
 * No adapter: each node emits to its own sockets from its own board. No connection state recovery: it would put users
 * back into paid rooms after a downgrade. The engine compresses nothing: `createBroadcasts` deflates once for all sockets.
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
  const { traffic, slowConsumers, writeFrame, broadcasts } = createSending(clock);
  const connectionLimits = createConnectionLimits(settings);
  let closing = false;

  function onFlood(): void {
    metrics.closed.inc({ reason: 'flood' });
    traffic.count('flood');
  }

  const io: OpenInterestServer = new Server(options.httpServer, {
    ...ENGINE_OPTIONS,
    adapter: broadcasts.adapter,
    wsEngine: createWebsocketServer({ clock, onFlood }),
    cors: { origin: [...settings.allowedOrigins], credentials: true },
    allowRequest: (request, decide) =>
      decide(null, !closing && mayConnect(options, connectionLimits, request)),
  });
  const context: SocketContext = {
    ...options,
    io,
    broadcasts,
    metrics,
    traffic,
    connectionLimits,
    syncTurns: createSyncTurns(clock),
    sharedMessages: createSharedMessages(options, writeFrame),
    slowConsumers,
    clientsOf: (principal) =>
      principal.kind === 'viewer'
        ? [...connectionsOf(io, principal.sub), ...streams.clientsOf(principal.sub)]
        : [],
    handshaken: new WeakSet(),
    arrivals: createArrivals(clock),
    expiries: createExpiries(clock, (socket) => endSockets(context, socket.id, 'expired')),
  };
  const streams = createEventStreams(context);
  const slowConsumerLoop = startSlowConsumerLoop(context);

  serveSockets(context, onFlood);

  return {
    publisher: createSocketPublisher({ io, streams, traffic, clock, metrics }),
    routes: createEventStreamRoutes({ ...context, streams }),
    /** Closes the subject's sockets and event streams because its access has changed. */
    endSubject({ sub, revoked }: AccessChange): void {
      const reason = revoked ? 'revoked' : 'tier_changed';
      endSockets(context, subjectRoom(sub), reason);
      streams.endSubject(sub, reason);
    },
    /** Closes the sockets and event streams of a session after sign-out. */
    endSession(sessionId: string): void {
      endSockets(context, sessionRoom(sessionId), 'revoked');
      streams.endSession(sessionId);
    },
    /** Refuses new connections and closes the open ones in batches, so that clients do not reconnect all at once. */
    async close(): Promise<void> {
      closing = true;
      await slowConsumerLoop.stop();
      await Promise.all([closeConnections(context), streams.close()]);
      io.engine.close();
    },
  };
}

function createSending(clock: Clock) {
  const traffic = createSocketTraffic(clock);
  const slowConsumers = createSlowConsumers(clock);
  const writeFrame = createFrameWriter((connection, bytes) => {
    traffic.countSent(bytes);
    slowConsumers.progressed(connection);
  });
  return { traffic, slowConsumers, writeFrame, broadcasts: createBroadcasts(writeFrame) };
}

/** Runs before the upgrade: CORS does not apply to websockets, so foreign origins are refused here. */
function mayConnect(
  { settings }: SocketServerOptions,
  connectionLimits: ConnectionLimits,
  request: IncomingMessage,
): boolean {
  if (!connectionLimits.mayArrive(request)) return false;
  const { origin, host } = request.headers;
  return origin === undefined || isAllowedOrigin({ origin, host, allowed: settings.allowedOrigins });
}

function serveSockets(context: SocketContext, onFlood: () => void): void {
  const { io, clock, connectionLimits, slowConsumers, traffic, arrivals } = context;
  io.engine.on('connection', (connection: Connection) => {
    connectionLimits.countArrival(connection);
    slowConsumers.watch(connection);
    traffic.watch(connection);
    limitPolledPackets(connection, clock, onFlood);
    arrivals.add(connection);
  });
  io.use((socket, next) => authenticateSocket(context, socket, next));
  io.on('connection', createSession(context));
}

function connectionsOf(io: OpenInterestServer, sub: string): Connection[] {
  const { adapter, sockets } = io.of('/');
  const ids = [...(adapter.rooms.get(subjectRoom(sub)) ?? [])];
  return ids.flatMap((id) => sockets.get(id)?.conn ?? []);
}

/** Checks every second for clients that do not read. */
function startSlowConsumerLoop({ clock, logger, metrics, traffic, slowConsumers }: SocketContext) {
  return startLoop({
    clock,
    everyMs: SECOND_MS,
    onError: (err) => logger.warn({ err }, 'slow consumer check failed'),
    task() {
      const { closed, mostBufferedBytes } = slowConsumers.check();
      const closedStreams = closed.filter(isEventStream).length;
      metrics.closed.inc({ reason: 'slow' }, closed.length - closedStreams);
      metrics.streamsClosed.inc({ reason: 'slow' }, closedStreams);
      traffic.count('slow', closed.length);
      metrics.bufferedMax.set(mostBufferedBytes);
    },
  });
}

/** Closes the connection and not the session: a client reconnects after a lost connection, and reaches another node. */
async function closeConnections({ io, broadcasts, clock }: SocketContext): Promise<void> {
  broadcasts.finish();
  const sockets = [...io.of('/').sockets.values()];
  for (let i = 0; i < sockets.length; i += CLOSE_BATCH) {
    for (const socket of sockets.slice(i, i + CLOSE_BATCH)) closeGently(socket.conn, clock);
    await nextTurn();
  }
}
