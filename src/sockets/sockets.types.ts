import { z } from 'zod';
import { Role, Tier, type Viewer, type Guest } from '../access/access.types.ts';
import {
  BoardPosition,
  Mode,
  type BoardBody,
  type BoardUpdate,
  type OpenInterestAlert,
} from '../openInterest/openInterest.types.ts';

/** The socket contract, shared by the server and by every client: import `ServerToClientEvents` into yours. */

/** On connect: which board this socket follows, how far it is, and how often to expect a sign of life. */
export const Hello = z.object({
  epoch: z.string(),
  seq: z.number(),
  serverTime: z.number(),
  tier: Tier,
  role: Role,
  mode: Mode,
  pulseSec: z.number(),
  snapshotEverySec: z.number(),
});
export type Hello = z.infer<typeof Hello>;

/** Every few seconds: a client whose seq is behind has missed an update. */
export const Pulse = z.object({ epoch: z.string(), seq: z.number(), serverTime: z.number() });
export type Pulse = z.infer<typeof Pulse>;

/** Why the server is about to close this socket. */
export const SessionEnd = z.object({ reason: z.enum(['expired', 'tier_changed', 'revoked']) });
export type SessionEnd = z.infer<typeof SessionEnd>;

export type SyncRefusal = { error: { code: string; message: string } };

export type ServerToClientEvents = {
  'open-interest-hello': (hello: Hello) => void;
  'open-interest-update': (update: BoardUpdate) => void;
  'open-interest-pulse': (pulse: Pulse) => void;
  'open-interest-alert': (alert: OpenInterestAlert) => void;
  'open-interest-session': (end: SessionEnd) => void;
};

export type ClientToServerEvents = {
  /** "This is how far I am": answered with what is newer, or with the whole board. `null`, or no argument: I have nothing. */
  'open-interest-sync': (position: BoardPosition | null, acknowledge: SyncAnswer) => void;
};

export type SyncAnswer = (answer: BoardBody | SyncRefusal) => void;

export const SyncRequest = BoardPosition.nullable();

/** What the server remembers of a socket. */
export type SocketData = { principal: Viewer | Guest };
