import type { Socket } from 'socket.io-client';
import { z } from 'zod';
import { BodyFrame, UpdateFrame } from '../openInterest/board/frames.types.ts';
import { BoardBody, BoardUpdate, OpenInterestAlert } from '../openInterest/openInterest.types.ts';
import { AlertFiring } from '../openInterest/rules/alertFiring.types.ts';
import type { ServerToClientEvents } from '../sockets/events.types.ts';
import {
  Hello,
  Pulse,
  SessionEnd,
  type ClientToServerEvents,
  type SyncRefusal,
} from '../sockets/sockets.types.ts';
import { monotonicClock } from './sync.clock.ts';
import { createBoardSync, type BoardSync } from './sync.driver.ts';
import { ANSWER_TIMEOUT_MS } from './sync.step.ts';
import type { SyncClock, SyncInput, SyncState } from './sync.types.ts';

export type OpenInterestSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

const Answer = z.union([BoardBody, BodyFrame]);

type Handlers = ServerToClientEvents & { connect: () => void; disconnect: () => void };

export type FollowSocketOptions = {
  /** Called after every message and every step, with the board, the position and the state of the connection. */
  onChange: (state: SyncState) => void;
  onAlert?: (alert: OpenInterestAlert) => void;
  /** A rule of the user fired. */
  onFiring?: (firing: AlertFiring) => void;
  /** The server is about to close the connection; the client does not reconnect by itself. */
  onSessionEnd?: (end: SessionEnd) => void;
  /** The server's time in a message; `sentAt`: when the request was sent, by `clock`; `null`: not a response. */
  onServerTime?: (serverTime: number, sentAt: number | null) => void;
  clock?: SyncClock;
  random?: () => number;
};

/**
 * Follows the board on a socket that is connected or will be. Messages are validated; an invalid one counts as missing.
 */
export function followSocket(socket: OpenInterestSocket, options: FollowSocketOptions): BoardSync {
  const { clock = monotonicClock, random = Math.random, onChange } = options;
  const reportTime = options.onServerTime ?? (() => undefined);

  const sync = createBoardSync({
    clock,
    random,
    onChange,
    async ask(position) {
      const sentAt = clock.now();
      const answer = (await socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck('open-interest-sync', position)) as
        BoardBody | BodyFrame | SyncRefusal;
      if ('error' in answer) throw new Error(answer.error.message);
      if (!Answer.safeParse(answer).success) throw new Error('the answer cannot be read');
      reportTime(answer.serverTime, sentAt);
      return answer;
    },
    renewConnection: () => socket.disconnect().connect(),
  });

  // Validates with the schema and keeps the message itself, because a newer server may send more fields.
  function receive<Message extends { serverTime: number }>(
    schema: z.ZodType<Message>,
    toInput: (message: Message) => SyncInput,
  ): (message: Message) => void {
    return (message) => {
      if (!schema.safeParse(message).success) return sync.take({ kind: 'unreadable' });
      reportTime(message.serverTime, null);
      sync.take(toInput(message));
    };
  }

  const handlers: Handlers = {
    connect: () => sync.take({ kind: 'opened' }),
    disconnect: () => sync.take({ kind: 'lost' }),
    'open-interest-hello': receive(Hello, (hello) => ({ kind: 'hello', hello })),
    'open-interest-update': receive(BoardUpdate, (update) => ({ kind: 'update', update })),
    'open-interest-frame': receive(UpdateFrame, (frame) => ({ kind: 'frame', frame })),
    'open-interest-pulse': receive(Pulse, (pulse) => ({ kind: 'pulse', pulse })),
    'open-interest-alert'(alert) {
      sync.take({ kind: 'sign' });
      if (OpenInterestAlert.safeParse(alert).success) options.onAlert?.(alert);
    },
    'alert-rule-fired'(firing) {
      sync.take({ kind: 'sign' });
      if (AlertFiring.safeParse(firing).success) options.onFiring?.(firing);
    },
    'open-interest-session'(end) {
      if (SessionEnd.safeParse(end).success) options.onSessionEnd?.(end);
    },
  };
  listen('on');
  if (socket.connected) sync.take({ kind: 'opened' });

  function listen(verb: 'on' | 'off'): void {
    const known = Object.entries(handlers) as [keyof Handlers, () => void][];
    for (const [event, handler] of known) socket[verb](event, handler);
  }

  return {
    ...sync,
    stop() {
      listen('off');
      sync.stop();
    },
  };
}
