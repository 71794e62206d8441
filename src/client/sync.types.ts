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
 * The clock of the sync. Only differences are used, so it should be monotonic: a step of the system clock then neither
 * looks like silence nor hides it.
 */
export type SyncClock = {
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
};

/** A row of the client's copy, with the latest sparkline received. On Free boards every change is unknown. */
export type HeldRow = BoardRow;

/** The fields of a body that describe the board as a whole. */
type BoardFacts = {
  readonly tier: Tier;
  readonly mode: Mode;
  readonly universe: BoardBody['universe'];
};

export type HeldBoard = BoardPosition & {
  readonly rows: ReadonlyMap<string, HeldRow>;
  /** By their numbers in frames; `null`: unknown, so frames cannot be decoded until the whole board has been received. */
  readonly symbols: SymbolsById | null;
  readonly asOf: number | null;
  readonly facts: BoardFacts;
};

/**
 * Why a sync request is due: there is no board yet, the server has another epoch, frames cannot be decoded, windows are
 * missing, the connection is silent, or the board's facts are old.
 */
export type AskReason = 'first' | 'epoch' | 'symbols' | 'gap' | 'silence' | 'facts';

export type Ask =
  | { readonly stage: 'planned'; readonly reason: AskReason; readonly dueAt: number }
  | { readonly stage: 'sent'; readonly reason: AskReason; readonly id: number; readonly sentAt: number };

export type SyncState = {
  /** A connection is open, though it may be silent. */
  readonly connected: boolean;
  readonly board: HeldBoard | null;
  /** The latest position of the server that this connection has received; `null`: none yet. */
  readonly heard: BoardPosition | null;
  readonly hello: Hello | null;
  /** When the last message of any kind arrived; on a new connection, when it was opened. */
  readonly lastFrameAt: number | null;
  readonly ask: Ask | null;
  /** The number of sync requests sent, which is the id of the last one. */
  readonly asks: number;
  /** Consecutive failed requests, and the reason of the last one. */
  readonly failures: number;
  readonly failure: string | null;
  /** When the board's facts were last received. */
  readonly factsAt: number | null;
  /** Incremented each time a silent connection must be reopened. */
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
  /** A message that does not concern the board, such as an alert: the connection is alive. */
  | { kind: 'sign' }
  /** A message could not be decoded, so changes may be missing. */
  | { kind: 'unreadable' }
  | { kind: 'lost' }
  /** A board fetched over HTTP, for the first paint only. */
  | { kind: 'painted'; body: BoardBody }
  /** The user requests the next attempt now. */
  | { kind: 'retry' }
  | { kind: 'tick' };
