import type { BodyFrame } from '../openInterest/board/frames.types.ts';
import type { BoardBody, BoardPosition } from '../openInterest/openInterest.types.ts';
import { INITIAL_SYNC_STATE, knownPosition, nextStepAt, stepSync } from './sync.step.ts';
import type { SyncClock, SyncInput, SyncState } from './sync.types.ts';

export type BoardSync = ReturnType<typeof createBoardSync>;

/** Runs the pure state machine with a clock, sync requests and reconnection. */
export function createBoardSync(deps: {
  clock: SyncClock;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Requests the changes after the position; rejects on a timeout or a refusal. */
  ask: (position: BoardPosition | null) => Promise<BoardBody | BodyFrame>;
  renewConnection: () => void;
  onChange: (state: SyncState) => void;
}) {
  const { clock, random } = deps;
  let state = INITIAL_SYNC_STATE;
  let cancelTimer = (): unknown => undefined;
  let stopped = false;

  function take(input: SyncInput): void {
    if (stopped) return;
    const before = state;
    state = stepSync(before, input, { now: clock.now(), random });
    wait();
    if (state.asks > before.asks) sendAsk(state.asks);
    if (state.renewals > before.renewals) deps.renewConnection();
    if (state !== before) deps.onChange(state);
  }

  function wait(): void {
    cancelTimer();
    const at = nextStepAt(state);
    if (at === null) return;
    // At least a millisecond: a timer that fires a little early must not spin.
    cancelTimer = clock.after(Math.max(1, at - clock.now()), () => take({ kind: 'tick' }));
  }

  function sendAsk(id: number): void {
    deps.ask(knownPosition(state)).then(
      (body) => take({ kind: 'answer', id, body }),
      (thrown: unknown) =>
        take({ kind: 'refused', id, message: thrown instanceof Error ? thrown.message : String(thrown) }),
    );
  }

  return {
    state: (): SyncState => state,
    take,
    /** Ignores further input and cancels the timer. */
    stop(): void {
      stopped = true;
      cancelTimer();
    },
  };
}
