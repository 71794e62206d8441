import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync, constants as zlib } from 'node:zlib';
import { Server } from 'socket.io';
import * as ws from 'ws';
import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import { HOUR_MS } from '../../src/kit/clock.ts';
import type { BoardUpdate } from '../../src/openInterest/openInterest.types.ts';
import { publishWindow } from '../../src/openInterest/board/publish.ts';
import { createStorelessProduct } from '../storeless.ts';
import { cpuMs, watchTurns, type Turns } from '../turns.ts';
import { createSweeps } from './market.ts';
import { createUpdates, messageOf } from './updates.ts';

/**
 * One contestant of the fan-out benchmark, a child process: its name and the start of the market are its arguments. It
 * answers `{prepare}`, `{emit}`, `{settled}` and `{weigh}`; the generators count what arrives.
 */
const SECRET = 'a secret of the benchmark, longer than thirty-two bytes';

/** Missing from the library's types. */
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } };

function noTurns(): Turns {
  return { longestTurnMs: 0, longestTurnCpuMs: 0 };
}

type Contestant = {
  /** Makes the next window. */
  prepare: () => void;
  /** Sends it to all sockets. */
  emit: () => void;
};

const CONTESTANTS: Record<string, (http: HttpServer, startAt: number) => Contestant> = {
  product,
  stockRoom,
  bareWs: (http, startAt) => bareWs(http, startAt, { deflated: false }),
  bareWsDeflated: (http, startAt) => bareWs(http, startAt, { deflated: true }),
};

const [name = '', startAt = '0'] = process.argv.slice(2);
const http = createServer();
const contestant = CONTESTANTS[name]!(http, Number(startAt));
const token = await createTokenSigner({ secret: SECRET }).sign({
  sub: 'bench',
  tier: 'pro',
  issuedAt: Date.now(),
  expiresAt: Date.now() + HOUR_MS,
});
let stopWatch = noTurns;
let cpuBefore = process.cpuUsage();

process.on('message', ({ ask, watched }: { ask: string; watched?: boolean }) => {
  process.send?.(ANSWERS[ask]!(watched));
});
process.on('disconnect', () => process.exit(0));
http.listen(0, '127.0.0.1', 4_096, () =>
  process.send?.({ port: (http.address() as AddressInfo).port, token }),
);

const ANSWERS: Record<string, (watched?: boolean) => object> = {
  prepare() {
    contestant.prepare();
    return {};
  },
  emit(watched) {
    stopWatch = watched ? watchTurns() : noTurns;
    cpuBefore = process.cpuUsage();
    const emittedAt = Number(process.hrtime.bigint());
    contestant.emit();
    return { emittedAt };
  },
  settled() {
    return { cpuMs: cpuMs(process.cpuUsage(cpuBefore)), ...stopWatch() };
  },
  weigh() {
    collectGarbage();
    return { rssKiB: process.memoryUsage.rss() / 1_024 };
  },
};

/** The product's own sockets on its own board. */
function product(httpServer: HttpServer, marketStart: number): Contestant {
  const ctx = createStorelessProduct(httpServer, SECRET);
  return { prepare: createSweeps(ctx.board, marketStart), emit: () => publishWindow(ctx, Date.now()) };
}

/** A stock Socket.IO server that emits the same rows to a room. */
function stockRoom(httpServer: HttpServer, marketStart: number): Contestant {
  const nextUpdate = createUpdates(marketStart);
  const io = new Server(httpServer);
  io.on('connection', (socket) => void socket.join('room'));
  let update: BoardUpdate;
  return {
    prepare: () => (update = nextUpdate()),
    emit: () => io.to('room').emit('open-interest-update', update),
  };
}

/** `ws` alone: one frame, encoded before it is measured, written to every connection. */
function bareWs(
  httpServer: HttpServer,
  marketStart: number,
  { deflated }: { deflated: boolean },
): Contestant {
  const nextUpdate = createUpdates(marketStart);
  const server = new ws.WebSocketServer({
    server: httpServer,
    perMessageDeflate: deflated ? { serverNoContextTakeover: true, clientNoContextTakeover: true } : false,
  });
  let frame: Buffer;
  return {
    prepare() {
      const text = Buffer.from(messageOf(nextUpdate()));
      const payload = deflated
        ? deflateRawSync(text, { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, -4)
        : text;
      const options = { opcode: 1, fin: true, mask: false, rsv1: deflated, readOnly: false };
      frame = Buffer.concat(Sender.frame(payload, options));
    },
    emit() {
      for (const client of server.clients)
        (client as ws.WebSocket & { _socket: TcpSocket })._socket.write(frame);
    },
  };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
