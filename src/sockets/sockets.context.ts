import type { Server as HttpServer } from 'node:http';
import type { Registry } from 'prom-client';
import type { Server, Socket } from 'socket.io';
import type { Guest, Viewer } from '../access/access.types.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Arrivals } from './arrivals.ts';
import type { BroadcastQueue } from './broadcast/queue.ts';
import type { ConnectionLimits, ConnectionLimitSettings } from './connectionLimits.ts';
import type { Client, Connection } from './connections.ts';
import type { Expiries } from './expiries.ts';
import type { SocketMetrics } from './metrics.ts';
import type { ServerToClientEvents } from './events.types.ts';
import type { ClientToServerEvents, SessionEnd, SocketBoards, SocketData } from './sockets.types.ts';
import type { SharedMessages } from './sharedMessages.ts';
import type { SlowConsumers } from './slowConsumers.ts';
import type { SyncTurns } from './syncTurns.ts';
import type { SocketTraffic } from './traffic.ts';

export type OpenInterestServer = Server<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

export type OpenInterestSocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

export type SocketServerOptions = {
  httpServer: HttpServer;
  settings: ConnectionLimitSettings & { allowedOrigins: readonly string[] };
  authenticate: (token: string) => Promise<Viewer>;
  /** Why the viewer's sessions end: how its access has changed since authentication; `null`: not at all. */
  endReasonOf: (viewer: Viewer) => SessionEnd['reason'] | null;
  /** Throws while the node is starting or draining. */
  requireOpen: () => void;
  boards: () => SocketBoards;
  clock: Clock;
  logger: Logger;
  registry: Registry;
};

export type SocketContext = SocketServerOptions & {
  io: OpenInterestServer;
  broadcasts: Pick<BroadcastQueue<OpenInterestSocket>, 'settle' | 'finish'>;
  metrics: SocketMetrics;
  traffic: SocketTraffic;
  connectionLimits: ConnectionLimits;
  syncTurns: SyncTurns;
  sharedMessages: SharedMessages;
  slowConsumers: SlowConsumers;
  /** The sockets' connections and the event streams of the same user; none for a guest. */
  clientsOf: (principal: Viewer | Guest) => Client[];
  /** Connections that have sent their one handshake. */
  handshaken: WeakSet<Connection>;
  arrivals: Arrivals;
  expiries: Expiries<OpenInterestSocket>;
};
