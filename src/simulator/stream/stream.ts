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

/** The streams that carry something, and every how many ticks. Any other name is taken and stays silent. */
const MARK_PRICE_STREAMS: ReadonlyMap<string, number> = new Map([
  ['!markPrice@arr@1s', 1],
  ['!markPrice@arr', 3],
]);

const MOST_MESSAGES_PER_SEC = 10;
/** A reader this far behind is cut off. */
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

/**
 * The exchange's WebSocket side, on the HTTP server's own port. It ticks with the wall's seconds whatever the speed of
 * simulated time: a fast market moves further from message to message, it does not send more of them.
 */
export function createStreamServer(options: {
  server: Server;
  clock: Clock;
  faults: () => FaultSettings;
  /** The messages of a tick, as JSON texts; asked once a tick, and only if somebody listens. */
  buildFrames: () => string[];
  timing?: Partial<StreamTiming>;
}) {
  const { server, clock, faults, buildFrames } = options;
  const timing = { ...TIMING, ...options.timing };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: 64 * 1024,
  });
  const connections = new Set<Connection>();
  const counts = { opened: 0, dropped: 0, framesSent: 0 };
  let ticks = 0;
  let droppedAt = clock.now();
  let cancelTick = clock.after(untilNextSecond(), tick);
  server.on('upgrade', onUpgrade);

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = parseStreamTarget(request.url ?? '/');
    if (target) {
      sockets.handleUpgrade(request, socket, head, (opened) => connect(opened, target));
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
  }

  function connect(socket: WebSocket, target: StreamTarget): void {
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
    // What went wrong shows in the close that follows.
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => onMessage(connection, data));
    socket.on('pong', () => {
      connection.heardAt = clock.now();
    });
    socket.on('ping', (data) => {
      if (!faults().silentSockets) socket.pong(data);
    });
  }

  function onMessage(connection: Connection, data: RawData): void {
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

  function tick(): void {
    cancelTick = clock.after(untilNextSecond(), tick);
    ticks += 1;
    const now = clock.now();
    const { silentSockets, dropSocketsEverySec } = faults();
    if (dropSocketsEverySec !== null && now - droppedAt >= dropSocketsEverySec * SECOND_MS) dropSockets();
    for (const connection of connections) keepUp(connection, now, silentSockets);
    if (!silentSockets) sendMarkPrices();
  }

  function keepUp(connection: Connection, now: number, isSilent: boolean): void {
    const { socket, openedAt, pingedAt, heardAt } = connection;
    if (now - openedAt >= timing.longestConnectionMs) socket.close(1001, 'Connection is too old');
    else if (now - heardAt > timing.pongWithinMs && pingedAt > heardAt) socket.terminate();
    else if (!isSilent && now - pingedAt >= timing.pingEveryMs) {
      connection.pingedAt = now;
      socket.ping(String(now));
    }
  }

  function sendMarkPrices(): void {
    let frames: string[] | undefined;
    const wrapped = new Map<string, string[]>();
    for (const { socket, target, streams } of connections) {
      if (!target.carriesMarkPrices) continue;
      for (const [name, everyTicks] of MARK_PRICE_STREAMS) {
        if (!streams.has(name) || ticks % everyTicks !== 0) continue;
        frames ??= buildFrames();
        for (const text of target.combined ? wrappedFrames(wrapped, name, frames) : frames) {
          socket.send(text);
          counts.framesSent += 1;
        }
      }
      if (socket.bufferedAmount > MOST_BUFFERED_BYTES) socket.terminate();
    }
  }

  /** Breaks every socket without a close frame. */
  function dropSockets(): void {
    droppedAt = clock.now();
    counts.dropped += connections.size;
    for (const { socket } of connections) socket.terminate();
  }

  function untilNextSecond(): number {
    return SECOND_MS - (clock.now() % SECOND_MS);
  }

  return {
    dropSockets,
    stats: () => ({ ...counts, open: connections.size }),
    close(): void {
      cancelTick();
      server.off('upgrade', onUpgrade);
      for (const { socket } of connections) socket.terminate();
      sockets.close();
    },
  };
}

function wrappedFrames(made: Map<string, string[]>, name: string, frames: string[]): string[] {
  let texts = made.get(name);
  if (!texts) {
    texts = frames.map((text) => `{"stream":${JSON.stringify(name)},"data":${text}}`);
    made.set(name, texts);
  }
  return texts;
}

/** `ws` hands over one Buffer unless it is told otherwise. */
function textOf(data: RawData): string {
  return (data as Buffer).toString();
}
