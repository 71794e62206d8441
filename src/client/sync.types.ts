import type { Tier } from '../access/access.types.ts';
import type { SymbolsById } from '../openInterest/board/frames.shared.ts';
import type { BodyFrame, UpdateFrame } from '../openInterest/board/frames.types.ts';
import type {
  BoardBody,
  BoardPosition,
  BoardRow,
  BoardUpdate,
  Mode,
} from '../openInterest/openInterest.types.ts';
import type { Hello, Pulse } from '../sockets/sockets.types.ts';

/**
 * Time as this folder needs it. Only differences count, so a monotonic clock is best: a stepped system clock then
 * neither looks like silence nor hides it.
 */
export type SyncClock = {
  now(): number;
  /** Runs `task` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
};

/** A row as a client holds it: with the sparkline that came last. On Free boards every change is unknown. */
export type HeldRow = BoardRow;

/** What a body says of the board beside its rows. */
type BoardFacts = {
  readonly tier: Tier;
  readonly mode: Mode;
  readonly universe: BoardBody['universe'];
};

export type HeldBoard = BoardPosition & {
  readonly rows: ReadonlyMap<string, HeldRow>;
  /** By the numbers of frames; `null`: unknown, so that no frame can be read before the whole board has been sent. */
  readonly symbols: SymbolsById | null;
  readonly asOf: number | null;
  readonly facts: BoardFacts;
};

/**
 * Why the server is asked: nothing is held, another board is followed, frames cannot be read, windows are missing, nothing
 * arrives, facts are old.
 */
export type AskReason = 'first' | 'epoch' | 'symbols' | 'gap' | 'silence' | 'facts';

export type Ask =
  | { readonly stage: 'planned'; readonly reason: AskReason; readonly dueAt: number }
  | { readonly stage: 'sent'; readonly reason: AskReason; readonly id: number; readonly sentAt: number };

export type SyncState = {
  /** A connection is open, though it may be silent. */
  readonly connected: boolean;
  readonly board: HeldBoard | null;
  /** The furthest that this connection has heard of. `null`: nothing yet. */
  readonly heard: BoardPosition | null;
  readonly hello: Hello | null;
  /** When the last message of any kind came; on a new connection, when it was opened. */
  readonly lastFrameAt: number | null;
  readonly ask: Ask | null;
  /** Asks sent so far; the id of the last one. */
  readonly asks: number;
  /** Asks that failed one after the other, and why the last one did. */
  readonly failures: number;
  readonly failure: string | null;
  /** When the facts of the board were last answered. */
  readonly factsAt: number | null;
  /** Grows each time a silent connection has to be opened anew. */
  readonly renewals: number;
};

export type SyncInput =
  /** A connection is open; `hello` follows. */
  | { kind: 'opened' }
  | { kind: 'hello'; hello: Hello }
  | { kind: 'update'; update: BoardUpdate }
  /** An update as columns. */
  | { kind: 'frame'; frame: UpdateFrame }
  | { kind: 'pulse'; pulse: Pulse }
  | { kind: 'answer'; id: number; body: BoardBody | BodyFrame }
  | { kind: 'refused'; id: number; message: string }
  /** Something came that says nothing about the board, such as an alert: a sign of life. */
  | { kind: 'sign' }
  /** A message came that cannot be read, so something may be missing. */
  | { kind: 'unreadable' }
  | { kind: 'lost' }
  /** A board read by HTTP, for the first paint only. */
  | { kind: 'painted'; body: BoardBody }
  /** Somebody does not want to wait for the next try. */
  | { kind: 'retry' }
  | { kind: 'tick' };
