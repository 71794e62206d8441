import { decodeBody, decodeUpdate, introducedSymbols } from '../openInterest/board/frames.shared.ts';
import type { BodyFrame, UpdateFrame } from '../openInterest/board/frames.types.ts';
import type { BoardBody, BoardPosition, BoardUpdate } from '../openInterest/openInterest.types.ts';
import type { Hello } from '../sockets/sockets.types.ts';
import { mergeChanges, replaceBoard } from './sync.rows.ts';
import type { AskReason, HeldBoard, SyncInput, SyncState } from './sync.types.ts';

/** The impure inputs of a step. `random` is uniform in [0, 1). */
export type StepContext = { readonly now: number; readonly random: () => number };

/** Two missed pulses, which are sent every 5 s, and a second for latency. */
export const SILENCE_MS = 11_000;
/** A connection that is still silent after a sync request is dead, even if its socket reports it as open. */
export const RENEW_MS = 30_000;
/** Clients that missed the same window spread their requests over this time. */
export const SPREAD_MS = 1_500;
export const ANSWER_TIMEOUT_MS = 5_000;
/** Only bodies list the members of the universe that have no sample. */
export const FACTS_MAX_AGE_MS = 300_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

export const INITIAL_SYNC_STATE: SyncState = {
  connected: false,
  board: null,
  heard: null,
  hello: null,
  lastFrameAt: null,
  ask: null,
  asks: 0,
  failures: 0,
  failure: null,
  factsAt: null,
  renewals: 0,
};

/**
 * One step of the sync. Only messages of this connection advance the position. An update is applied if it follows the
 * board (`from ≤ seq < update.seq`); any other difference leads to a sync request with the client's position.
 */
export function stepSync(state: SyncState, input: SyncInput, context: StepContext): SyncState {
  return plan(take(state, input, context), context);
}

/** The position that the next request names; `null`: the whole board is needed. */
export function knownPosition(state: SyncState): BoardPosition | null {
  return state.board && !lacksSymbols(state) ? positionOf(state.board) : null;
}

/** When the next step is due without further input; `null`: never. */
export function nextStepAt(state: SyncState): number | null {
  if (!state.connected || state.lastFrameAt === null) return null;
  const { ask, lastFrameAt } = state;
  const times = [lastFrameAt + RENEW_MS];
  if (ask?.stage === 'planned') times.push(ask.dueAt);
  else if (ask) times.push(ask.sentAt + ANSWER_TIMEOUT_MS);
  else times.push(lastFrameAt + SILENCE_MS);
  if (!ask && state.factsAt !== null) times.push(state.factsAt + FACTS_MAX_AGE_MS);
  return Math.min(...times);
}

function take(state: SyncState, input: SyncInput, context: StepContext): SyncState {
  const heardSomething = { ...state, connected: true, lastFrameAt: context.now };
  switch (input.kind) {
    case 'opened':
      return { ...heardSomething, heard: null, ask: null };
    case 'hello':
      return {
        ...heardSomething,
        hello: input.hello,
        heard: positionOf(input.hello),
        board: nameSymbols(state.board, input.hello),
      };
    case 'update':
      return takeUpdate(heardSomething, input.update);
    case 'frame':
      return takeFrame(heardSomething, input.frame);
    case 'pulse':
      return { ...heardSomething, heard: further(state.heard, positionOf(input.pulse)) };
    case 'answer':
      return state.ask?.stage === 'sent' && state.ask.id === input.id
        ? takeAnswer(heardSomething, input.body, context)
        : state;
    case 'refused':
      return state.ask?.stage === 'sent' && state.ask.id === input.id
        ? retryLater(heardSomething, input.message, context)
        : state;
    case 'sign':
      return heardSomething;
    case 'unreadable':
      // One position ahead of the board, which is a gap.
      return state.board === null
        ? heardSomething
        : { ...heardSomething, heard: { ...positionOf(state.board), seq: state.board.seq + 1 } };
    case 'lost':
      return { ...state, connected: false, heard: null, ask: null };
    case 'painted':
      return state.board === null
        ? {
            ...state,
            board: nameSymbols(replaceBoard(null, input.body), state.hello),
            factsAt: context.now,
          }
        : state;
    case 'retry':
      return state.ask?.stage === 'planned' ? { ...state, ask: { ...state.ask, dueAt: context.now } } : state;
    case 'tick':
      return state;
  }
}

/** A board that was fetched over HTTP lacks the numbers of its symbols. */
function nameSymbols(board: HeldBoard | null, hello: Hello | null): HeldBoard | null {
  if (board === null || board.symbols !== null || hello?.symbols === undefined) return board;
  return hello.epoch === board.epoch ? { ...board, symbols: new Map(hello.symbols) } : board;
}

function takeUpdate(state: SyncState, update: BoardUpdate): SyncState {
  const { board } = state;
  const heard = further(state.heard, positionOf(update));
  return joinsOn(board, update)
    ? { ...state, heard, board: mergeChanges(board, update) }
    : { ...state, heard };
}

/** A frame can be decoded only with the board that it changes, so a frame that does not apply is skipped. */
function takeFrame(state: SyncState, frame: UpdateFrame): SyncState {
  const { board } = state;
  const heard = further(state.heard, positionOf(frame));
  if (!joinsOn(board, frame) || board.symbols === null) return { ...state, heard };
  const update = readOrNull(() => decodeUpdate(frame, board.symbols!, board.rows));
  if (update === null) return { ...state, heard, board: { ...board, symbols: null } };
  return { ...state, heard, board: mergeChanges(board, update, introducedSymbols(frame)) };
}

function joinsOn(
  board: HeldBoard | null,
  { epoch, from, seq }: Pick<BoardUpdate, 'epoch' | 'from' | 'seq'>,
): board is HeldBoard {
  return board !== null && board.epoch === epoch && from <= board.seq && board.seq < seq;
}

function takeAnswer(state: SyncState, answer: BoardBody | BodyFrame, context: StepContext): SyncState {
  const read = readOrNull(() => readAnswer(answer));
  if (read === null) return retryLater(state, 'the answer cannot be read', context);
  const { body, symbols } = read;
  const settled = { ...state, ask: null, failures: 0, failure: null, factsAt: context.now };
  // Updates have overtaken this response to a request for the whole board.
  if (body.full && state.board?.epoch === body.epoch && body.seq < state.board.seq)
    return { ...state, ask: null };
  if (body.full)
    return { ...settled, board: replaceBoard(state.board, body, symbols), heard: positionOf(body) };
  if (state.board?.epoch !== body.epoch) return retryLater(state, 'the answer is of another board', context);
  const { tier, mode, universe } = body;
  const merged = mergeChanges(state.board, body, symbols ?? undefined);
  return {
    ...settled,
    board: { ...merged, facts: { tier, mode, universe } },
    heard: further(state.heard, positionOf(body)),
  };
}

function readAnswer(answer: BoardBody | BodyFrame) {
  return isFrame(answer)
    ? { body: decodeBody(answer), symbols: introducedSymbols(answer.rows) }
    : { body: answer, symbols: null };
}

function isFrame(answer: BoardBody | BodyFrame): answer is BodyFrame {
  return !Array.isArray(answer.rows);
}

/** `null` for columns that do not fit each other or the board. */
function readOrNull<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** Decides what is due: nothing, a delayed or an immediate sync request, or a new connection. */
function plan(state: SyncState, context: StepContext): SyncState {
  const { now, random } = context;
  const { ask, lastFrameAt } = state;
  if (!state.connected || lastFrameAt === null) return state;
  if (now - lastFrameAt >= RENEW_MS) {
    return { ...state, connected: false, heard: null, ask: null, renewals: state.renewals + 1 };
  }
  if (ask?.stage === 'sent') {
    return now - ask.sentAt < ANSWER_TIMEOUT_MS ? state : retryLater(state, 'no answer in time', context);
  }
  const reason = reasonToAsk(state, lastFrameAt, now);
  if (reason === null) return ask ? { ...state, ask: null, failures: 0, failure: null } : state;
  // A client without a board syncs immediately: only a restart of the server makes many clients sync at once.
  const dueAt = ask?.dueAt ?? now + (reason === 'first' ? 0 : random() * SPREAD_MS);
  if (now < dueAt) {
    return ask?.reason === reason ? state : { ...state, ask: { stage: 'planned', reason, dueAt } };
  }
  const id = state.asks + 1;
  return { ...state, asks: id, ask: { stage: 'sent', reason, id, sentAt: now } };
}

function reasonToAsk(state: SyncState, lastFrameAt: number, now: number): AskReason | null {
  const { board, heard, factsAt } = state;
  if (now - lastFrameAt >= SILENCE_MS) return 'silence';
  if (heard === null) return null;
  if (board === null) return 'first';
  if (board.epoch !== heard.epoch) return 'epoch';
  if (lacksSymbols(state)) return 'symbols';
  if (board.seq !== heard.seq) return 'gap';
  return factsAt === null || now - factsAt >= FACTS_MAX_AGE_MS ? 'facts' : null;
}

/** The server sends frames, and the board lacks the symbols that decode them. */
function lacksSymbols({ hello, board }: SyncState): boolean {
  return hello?.frames !== undefined && board?.symbols === null;
}

function retryLater(state: SyncState, failure: string, { now, random }: StepContext): SyncState {
  const failures = state.failures + 1;
  const waitMs = Math.min(FIRST_RETRY_MS * 2 ** state.failures, LONGEST_RETRY_MS) * (0.5 + random());
  const reason = state.ask?.reason ?? 'gap';
  return { ...state, failures, failure, ask: { stage: 'planned', reason, dueAt: now + waitMs } };
}

function positionOf({ epoch, seq }: BoardPosition): BoardPosition {
  return { epoch, seq };
}

/** The further of two positions of one epoch; of two epochs, the one heard last. */
function further(before: BoardPosition | null, next: BoardPosition): BoardPosition {
  return before?.epoch === next.epoch && before.seq > next.seq ? before : next;
}
