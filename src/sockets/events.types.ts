import type { z } from 'zod';
import { UpdateFrame } from '../openInterest/board/frames.types.ts';
import { BoardBody, BoardUpdate, OpenInterestAlert } from '../openInterest/openInterest.types.ts';
import { AlertFiring } from '../openInterest/rules/alertFiring.types.ts';
import { Hello, Pulse, SessionEnd } from './sockets.types.ts';

/** The live messages, shared by the server and by every client: import `ServerToClientEvents` into yours. */

/** What the server emits, by event. */
export const SOCKET_EVENTS = {
  'open-interest-hello': Hello,
  'open-interest-update': BoardUpdate,
  /** Instead of the update, to a client that asked for frames 2. */
  'open-interest-frame': UpdateFrame,
  'open-interest-pulse': Pulse,
  'open-interest-alert': OpenInterestAlert,
  /** A rule of the socket's user fired. */
  'alert-rule-fired': AlertFiring,
  'open-interest-session': SessionEnd,
};
type SocketEvents = typeof SOCKET_EVENTS;
export type ServerToClientEvents = {
  [Name in keyof SocketEvents]: (data: z.infer<SocketEvents[Name]>) => void;
};

/** The events of a stream: those of sockets under shorter names, and `board` for the answer to a sync. */
export const STREAM_EVENTS = {
  hello: Hello,
  board: BoardBody,
  update: BoardUpdate,
  pulse: Pulse,
  alert: OpenInterestAlert,
  'alert-rule-fired': AlertFiring,
  session: SessionEnd,
};
export type StreamEvents = { [Name in keyof typeof STREAM_EVENTS]: z.infer<(typeof STREAM_EVENTS)[Name]> };
