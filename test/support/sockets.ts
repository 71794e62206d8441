import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { BoardBody, BoardUpdate, OpenInterestAlert } from '../../src/openInterest/openInterest.types.ts';
import type { ServerToClientEvents } from '../../src/sockets/events.types.ts';
import type {
  ClientToServerEvents,
  Hello,
  Pulse,
  SessionEnd,
  SyncRefusal,
} from '../../src/sockets/sockets.types.ts';
import { openRawSocket, type RawSocket } from './rawSocket.ts';
import { waitFor } from './waitFor.ts';

export type TestSocket = {
  socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  hellos: Hello[];
  updates: BoardUpdate[];
  pulses: Pulse[];
  alerts: OpenInterestAlert[];
  ends: SessionEnd[];
  /** Every frame received, below any protocol. */
  frames: string[];
  /** `connect_error`s by code, or by message where there is none. */
  refusals: string[];
  disconnects: string[];
  hello(): Promise<Hello>;
  sync(position: unknown): Promise<BoardBody | SyncRefusal>;
  close(): void;
};

type Options = Partial<ManagerOptions & SocketOptions> & { token?: unknown };

/** A dashboard's connection that records its events. It reconnects only if `reconnection` is set. */
export function openSocket(url: string, options: Options = {}): TestSocket {
  const { token, ...rest } = options;
  const socket: TestSocket['socket'] = io(url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    ...(token === undefined ? {} : { auth: { token } }),
    ...rest,
  });
  const it: TestSocket = {
    socket,
    hellos: [],
    updates: [],
    pulses: [],
    alerts: [],
    ends: [],
    frames: [],
    refusals: [],
    disconnects: [],
    hello: () => waitFor('hello', () => it.hellos.at(-1) ?? failure(it)).then(notRefused),
    sync: (position) =>
      socket.timeout(5_000).emitWithAck('open-interest-sync', position as { epoch: string; seq: number }),
    close: () => void socket.close(),
  };
  socket.on('open-interest-hello', (hello) => it.hellos.push(hello));
  socket.on('open-interest-update', (update) => it.updates.push(update));
  socket.on('open-interest-pulse', (pulse) => it.pulses.push(pulse));
  socket.on('open-interest-alert', (alert) => it.alerts.push(alert));
  socket.on('open-interest-session', (end) => it.ends.push(end));
  socket.on('connect_error', (error) => {
    const { data } = error as { data?: { code?: string } };
    it.refusals.push(data?.code ?? error.message);
  });
  socket.on('disconnect', (reason) => it.disconnects.push(reason));
  const hear = (): void => {
    socket.io.engine.on('packet', (packet: { type: string; data?: unknown }) => {
      if (packet.type === 'message') it.frames.push(String(packet.data));
    });
  };
  socket.io.on('open', hear);
  return it;
}

function failure(it: TestSocket): { refused: string } | undefined {
  const refused = it.refusals[0] ?? it.disconnects[0];
  return refused === undefined ? undefined : { refused };
}

function notRefused(answer: Hello | { refused: string }): Hello {
  if ('refused' in answer) throw new Error(`the socket was refused: ${answer.refused}`);
  return answer;
}

type Server = { url: string };

export type SocketBox = {
  open(server: Server, options?: Options): TestSocket;
  openRaw(server: Server, options?: Parameters<typeof openRawSocket>[1]): RawSocket;
  closeAll(): void;
};

/** Opens sockets and remembers them, so that a spec closes whatever it opened. */
export function createSocketBox(): SocketBox {
  const closes: (() => void)[] = [];
  return {
    open(server, options) {
      const socket = openSocket(server.url, options);
      closes.push(socket.close);
      return socket;
    },
    openRaw(server, options) {
      const socket = openRawSocket(server.url, options);
      closes.push(() => socket.ws.terminate());
      return socket;
    },
    closeAll() {
      for (const close of closes.splice(0)) close();
    },
  };
}
