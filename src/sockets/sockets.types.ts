import { z } from 'zod';
import { Role, Tier, type Viewer, type Guest } from '../access/access.types.ts';
import { FRAMES, UpdateFrame, type BodyFrame } from '../openInterest/board/frames.types.ts';
import {
  BoardBody,
  BoardPosition,
  BoardUpdate,
  Mode,
  OpenInterestAlert,
} from '../openInterest/openInterest.types.ts';
import { AlertFiring } from '../openInterest/rules/rules.types.ts';

/** The socket contract, shared by the server and by every client: import `ServerToClientEvents` into yours. */

/** Sent on connect: the board's epoch and position, the principal's tier and role, and the interval of pulses. */
export const Hello = z.object({
  epoch: z.string(),
  seq: z.number(),
  serverTime: z.number(),
  tier: Tier,
  role: Role,
  mode: Mode,
  pulseSec: z.number(),
  snapshotEverySec: z.number(),
  /** Present if the client asked for it: rows are sent as columns. */
  frames: z.literal(FRAMES).optional(),
  /** The symbols on the board by their numbers, for a client that has read the board over HTTP; with `frames` only. */
  symbols: z.array(z.tuple([z.number(), z.string()])).optional(),
});
export type Hello = z.infer<typeof Hello>;

/** Sent every few seconds. A client whose `seq` is lower has missed an update. */
export const Pulse = z.object({ epoch: z.string(), seq: z.number(), serverTime: z.number() });
export type Pulse = z.infer<typeof Pulse>;

/** Why the server is about to close this socket. */
export const SessionEnd = z.object({ reason: z.enum(['expired', 'tier_changed', 'revoked']) });
export type SessionEnd = z.infer<typeof SessionEnd>;

export const SyncRefusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type SyncRefusal = z.infer<typeof SyncRefusal>;

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

export type ClientToServerEvents = {
  /** The client's position, `null` or absent if it has no rows: acknowledged with newer rows or with the whole board. */
  'open-interest-sync': (position: BoardPosition | null, acknowledge: SyncAnswer) => void;
};

/** Columns for a client that asked for frames 2, named rows for all others. */
export type SyncAnswer = (answer: BoardBody | BodyFrame | SyncRefusal) => void;

export const SyncRequest = BoardPosition.nullable();

/** How a client receives rows: named, or as the columns of frames 2. */
export type RowEncoding = 'named' | 'columns';

/** What the server stores with a socket. */
export type SocketData = { principal: Viewer | Guest; encoding: RowEncoding };
