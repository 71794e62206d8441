import { z } from 'zod';
import { Role, Tier, type Viewer, type Guest } from '../access/access.types.ts';
import { FRAMES, type BodyFrame } from '../openInterest/board/frames.types.ts';
import type { Audience } from '../openInterest/board/publisher.types.ts';
import { BoardPosition, Mode, type BoardBody } from '../openInterest/openInterest.types.ts';

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
export type SocketData = {
  principal: Viewer | Guest;
  encoding: RowEncoding;
  /** Whose board it is sent, once it is in its rooms. */
  audience?: Audience;
};

/** What sockets read from open interest. */
export type SocketBoards = {
  /** Changes with the rows and facts of the principal's board. */
  tag(principal: Viewer | Guest): string;
  hello(principal: Viewer | Guest): Hello & { audience: Audience; ids: ReadonlyMap<string, number> };
  body(principal: Viewer | Guest, position: BoardPosition | null): BoardBody;
  /** The body as columns. */
  frame(principal: Viewer | Guest, position: BoardPosition | null): BodyFrame;
};
