import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { DAY_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { FaultSettings } from '../faults/faults.types.ts';
import { answerStreamRequest, parseStreamTarget, type StreamTarget } from './streamRequests.ts';

export type StreamTiming = { pingEveryMs: number; pongWithinMs: number; longestConnectionMs: number };

const TIMING: StreamTiming = {
  pingEveryMs: 3 * MINUTE_MS,
  pongWithinMs: 10 * MINUTE_MS,
  longestConnectionMs: DAY_MS,
};

/** The streams that send messages, of what, and every how many ticks. Any other name is accepted and sends nothing. */
const STREAMS = [
  { name: '!markPrice@arr@1s', kind: 'markPrices', everyTicks: 1 },
  { name: '!markPrice@arr', kind: 'markPrices', everyTicks: 3 },
  { name: '!forceOrder@arr', kind: 'forcedOrders', everyTicks: 1 },
] as const;

const MOST_MESSAGES_PER_SEC = 10;
/** A reader this far behind is disconnected. */
const MOST_BUFFERED_BYTES = 16 * 1024 * 1024;

type Connection = {
  socket: WebSocket;
  target: StreamTarget;
  streams: Set<string>;
  openedAt: number;
  pingedAt: number;
  heardAt: number;
  inbound: { second: number; messages: number };
};

type StreamOptions = {
  server: Server;
  clock: Clock;
  faults: () => FaultSettings;
  /** The messages of a tick, as JSON texts; each called once a tick, and only with subscribers. */
  buildFrames: Readonly<Record<(typeof STREAMS)[number]['kind'], () => string[]>>;
  timing?: Partial<StreamTiming>;
};

type Context = Omit<StreamOptions, 'timing'> & {
  timing: StreamTiming;
  connections: Set<Connection>;
  counts: { opened: number; dropped: number; framesSent: number };
  ticks: number;
  droppedAt: number;
  cancelTick: () => void;
};

/**
 * The exchange's WebSocket server, on the HTTP server's port. It ticks with the wall clock's seconds whatever the speed of
 * simulated time: a fast market moves further between messages, it does not send more of them.
 */
export function createStreamServer(options: StreamOptions) {
  const { server, clock } = options;
  const context: Context = {
    ...options,
    timing: { ...TIMING, ...options.timing },
    connections: new Set(),
    counts: { opened: 0, dropped: 0, framesSent: 0 },
    ticks: 0,
    droppedAt: clock.now(),
    cancelTick: clock.after(untilNextSecond(clock), () => tick(context)),
  };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: 64 * 1024,
  });
  server.on('upgrade', onUpgrade);

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = parseStreamTarget(request.url ?? '/');
    if (target) {
      sockets.handleUpgrade(request, socket, head, (opened) => connect(context, opened, target));
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
  }

  return {
    /** Breaks every socket without a close frame. */
    dropSockets: () => dropSockets(context),
    stats: () => ({ ...context.counts, open: context.connections.size }),
    close(): void {
      context.cancelTick();
      server.off('upgrade', onUpgrade);
      for (const { socket } of context.connections) socket.terminate();
      sockets.close();
    },
  };
}

function connect(context: Context, socket: WebSocket, target: StreamTarget): void {
  const { clock, connections, counts, faults } = context;
  const now = clock.now();
  const connection: Connection = {
    socket,
    target,
    streams: new Set(target.streams),
    openedAt: now,
    pingedAt: now,
    heardAt: now,
    inbound: { second: 0, messages: 0 },
  };
  connections.add(connection);
  counts.opened += 1;
  socket.on('close', () => connections.delete(connection));
  // The close that follows shows the fault.
  socket.on('error', () => socket.terminate());
  socket.on('message', (data) => onMessage(context, connection, data));
  socket.on('pong', () => {
    connection.heardAt = clock.now();
  });
  socket.on('ping', (data) => {
    if (!faults().silentSockets) socket.pong(data);
  });
}

function onMessage({ clock, faults }: Context, connection: Connection, data: RawData): void {
  const second = Math.floor(clock.now() / SECOND_MS);
  const { inbound, socket, streams } = connection;
  connection.inbound = { second, messages: inbound.second === second ? inbound.messages + 1 : 1 };
  if (connection.inbound.messages > MOST_MESSAGES_PER_SEC) {
    socket.close(1008, 'Too many requests');
    return;
  }
  const answer = answerStreamRequest(textOf(data), streams);
  if (!faults().silentSockets) socket.send(answer);
}

function tick(context: Context): void {
  const { clock, faults, connections } = context;
  context.cancelTick = clock.after(untilNextSecond(clock), () => tick(context));
  context.ticks += 1;
  const now = clock.now();
  const { silentSockets, dropSocketsEverySec } = faults();
  if (dropSocketsEverySec !== null && now - context.droppedAt >= dropSocketsEverySec * SECOND_MS) {
    dropSockets(context);
  }
  for (const connection of connections) keepAlive(context.timing, connection, now, silentSockets);
  if (!silentSockets) sendFrames(context);
}

function keepAlive(timing: StreamTiming, connection: Connection, now: number, isSilent: boolean): void {
  const { socket, openedAt, pingedAt, heardAt } = connection;
  if (now - openedAt >= timing.longestConnectionMs) socket.close(1001, 'Connection is too old');
  else if (now - heardAt > timing.pongWithinMs && pingedAt > heardAt) socket.terminate();
  else if (!isSilent && now - pingedAt >= timing.pingEveryMs) {
    connection.pingedAt = now;
    socket.ping(String(now));
  }
}

function sendFrames({ connections, counts, ticks, buildFrames }: Context): void {
  const built: Partial<Record<keyof typeof buildFrames, string[]>> = {};
  const wrapped = new Map<string, string[]>();
  for (const { socket, target, streams } of connections) {
    if (!target.carriesMarket) continue;
    for (const { name, kind, everyTicks } of STREAMS) {
      if (!streams.has(name) || ticks % everyTicks !== 0) continue;
      const frames = (built[kind] ??= buildFrames[kind]());
      for (const text of target.combined ? wrappedFrames(wrapped, name, frames) : frames) {
        socket.send(text);
        counts.framesSent += 1;
      }
    }
    if (socket.bufferedAmount > MOST_BUFFERED_BYTES) socket.terminate();
  }
}

function dropSockets(context: Context): void {
  const { connections, counts, clock } = context;
  context.droppedAt = clock.now();
  counts.dropped += connections.size;
  for (const { socket } of connections) socket.terminate();
}

function untilNextSecond(clock: Clock): number {
  return SECOND_MS - (clock.now() % SECOND_MS);
}

function wrappedFrames(made: Map<string, string[]>, name: string, frames: string[]): string[] {
  let texts = made.get(name);
  if (!texts) {
    texts = frames.map((text) => `{"stream":${JSON.stringify(name)},"data":${text}}`);
    made.set(name, texts);
  }
  return texts;
}

/** `ws` delivers one Buffer by default. */
function textOf(data: RawData): string {
  return (data as Buffer).toString();
}
