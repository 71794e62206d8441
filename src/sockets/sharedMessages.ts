import { BoundedMap } from '../kit/boundedMap.ts';
import type { Clock } from '../kit/clock.ts';
import { FRAMES } from '../openInterest/board/frames.types.ts';
import type { BoardPosition } from '../openInterest/openInterest.types.ts';
import { createSharedEnd, frameOfShared, type SharedEnd } from './broadcast/sharedEnd.ts';
import type { FrameWriter } from './broadcast/writeFrame.ts';
import { canInflate, type Connection } from './connections.ts';
import type { Hello, SocketBoards, SocketData, SyncAnswer } from './sockets.types.ts';

/** Boards of a few tiers and encodings, at a few positions: after the loss of a network thousands ask for the same. */
const KEPT = 8;
/** Socket.IO's packet types. */
const EVENT = '2';
const ACK = '3';

/** A socket, or what is read of it. */
type Receiver = { readonly conn: Connection; readonly data: SocketData };

export type SharedMessages = ReturnType<typeof createSharedMessages>;

/**
 * The large messages to single sockets: hello with its symbols, and the answer to a sync. They differ between sockets of one
 * tier by the number of the request and the time only, so the rest is encoded and deflated once for each state of the board.
 */
export function createSharedMessages(
  { boards, clock }: { boards: () => SocketBoards; clock: Clock },
  write: FrameWriter,
) {
  const kept = new BoundedMap<string, SharedEnd>(KEPT);

  function endOf(key: string, encode: () => string): SharedEnd {
    const end = kept.get(key) ?? createSharedEnd(encode());
    kept.set(key, end);
    return end;
  }

  function answerEnd({ principal, encoding }: SocketData, position: BoardPosition | null): SharedEnd {
    const known = position && `${position.seq} ${position.epoch}`;
    return endOf(`${encoding} ${boards().tag(principal)} ${known}`, () => {
      const { serverTime: _serverTime, ...body } =
        encoding === 'columns' ? boards().frame(principal, position) : boards().body(principal, position);
      return `${JSON.stringify(body).slice(1)}]`;
    });
  }

  function send(connection: Connection, beginning: string, end: SharedEnd): void {
    write(connection, beginning + end.text, frameOfShared(beginning, end, canInflate(connection)));
  }

  return {
    /** Sends hello to a socket that receives frames. */
    hello({ conn, data }: Receiver, hello: Hello, ids: ReadonlyMap<string, number>): void {
      const end = endOf(`symbols ${boards().tag(data.principal)}`, () => {
        const symbols = Array.from(ids, ([symbol, id]) => [id, symbol]);
        return `"symbols":${JSON.stringify(symbols)}}]`;
      });
      const fields = JSON.stringify({ ...hello, frames: FRAMES }).slice(0, -1);
      send(conn, `${EVENT}["open-interest-hello",${fields},`, end);
    },
    /** Until the answer to a sync is deflated; `null`: it is, or the socket cannot inflate it. */
    answerReady: ({ conn, data }: Receiver, position: BoardPosition | null): Promise<void> | null =>
      canInflate(conn) ? answerEnd(data, position).ready : null,
    /**
     * Answers a sync with the rows after `position`, as of now. Socket.IO passes the number of a request only to its own
     * `packet`, through which every acknowledgement is sent; if that changes, it encodes the answer itself.
     */
    answer(socket: Receiver, position: BoardPosition | null, acknowledge: SyncAnswer): void {
      const end = answerEnd(socket.data, position);
      const time = `{"serverTime":${clock.now()},`;
      const { conn } = socket;
      const internals = socket as unknown as { packet?: (packet: { id: number }) => void };
      internals.packet = ({ id }) => send(conn, `${ACK}${id}[${time}`, end);
      acknowledge({ toJSON: () => (JSON.parse(`[${time}${end.text}`) as [object])[0] } as never);
      delete internals.packet;
    },
  };
}
