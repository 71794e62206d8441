import { describe, expect, it } from '@jest/globals';
import {
  FACTS_MAX_AGE_MS,
  INITIAL_SYNC_STATE,
  RENEW_MS,
  SILENCE_MS,
  SPREAD_MS,
  nextStepAt,
  stepSync,
} from '../../../src/client/sync.step.ts';
import type { SyncInput, SyncState } from '../../../src/client/sync.types.ts';
import type { BoardBody } from '../../../src/openInterest/openInterest.types.ts';
import { aBody, aHello, aRow, anUpdate } from '../dashboard/boardMessages.ts';

const HALF = () => 0.5;

/** Plays inputs one after the other, each with its time. */
function play(inputs: readonly [number, SyncInput][], from: SyncState = INITIAL_SYNC_STATE): SyncState {
  return inputs.reduce((state, [now, input]) => stepSync(state, input, { now, random: HALF }), from);
}

function hello(epoch: string, seq: number): SyncInput {
  return { kind: 'hello', hello: aHello({ epoch, seq }) };
}

function update(from: number, seq: number, ...rows: ReturnType<typeof aRow>[]): SyncInput {
  return { kind: 'update', update: anUpdate({ from, seq, rows }) };
}

function answer(id: number, body: Partial<BoardBody>): SyncInput {
  return { kind: 'answer', id, body: aBody(body) };
}

/** In step at `e1:10` at time 1, holding BTC of seq 10. */
const inStep = play([
  [0, { kind: 'opened' }],
  [0, hello('e1', 10)],
  [1, answer(1, { epoch: 'e1', seq: 10, rows: [aRow({ symbol: 'BTCUSDT', seq: 10, ts: 1_000 })] })],
]);

const btc = (state: SyncState) => state.board?.rows.get('BTCUSDT');

describe('stepSync', () => {
  it('requests a sync immediately without a board, and is in sync after the response', () => {
    const asked = play([
      [0, { kind: 'opened' }],
      [5, hello('e1', 10)],
    ]);
    expect(asked.ask).toEqual({ stage: 'sent', reason: 'first', id: 1, sentAt: 5 });
    expect(inStep).toMatchObject({ ask: null, board: { epoch: 'e1', seq: 10 } });
  });

  it('requests nothing when a new connection is at the same position', () => {
    const back = play(
      [
        [10, { kind: 'lost' }],
        [20, { kind: 'opened' }],
        [21, hello('e1', 10)],
      ],
      inStep,
    );
    expect(back.ask).toBeNull();
  });

  it('applies an update that joins on, and one that overlaps', () => {
    const state = play(
      [
        [2, update(10, 11, aRow({ symbol: 'BTCUSDT', seq: 11, ts: 2_000, openInterest: 2 }))],
        [3, update(9, 12, aRow({ symbol: 'BTCUSDT', seq: 12, ts: 3_000, openInterest: 3 }))],
      ],
      inStep,
    );
    expect(state).toMatchObject({ ask: null, board: { seq: 12 } });
    expect(btc(state)?.openInterest).toBe(3);
  });

  it('ignores an update already applied', () => {
    const twice = update(10, 11, aRow({ symbol: 'BTCUSDT', seq: 11, ts: 2_000, openInterest: 2 }));
    const once = play([[2, twice]], inStep);
    expect(play([[3, twice]], once).board).toBe(once.board);
  });

  it('keeps the board on a gap, and requests the rest after a random delay', () => {
    const gap = play([[2, update(11, 12)]], inStep);
    expect(gap.board).toBe(inStep.board);
    expect(gap.ask).toEqual({ stage: 'planned', reason: 'gap', dueAt: 2 + SPREAD_MS / 2 });
    const due = play([[2 + SPREAD_MS / 2, { kind: 'tick' }]], gap);
    expect(due.ask).toMatchObject({ stage: 'sent', id: 2 });
  });

  it('requests nothing when the missing update arrives before the delay ends', () => {
    const caughtUp = play(
      [
        [2, update(11, 12)],
        [3, update(10, 12)],
      ],
      inStep,
    );
    expect(caughtUp).toMatchObject({ ask: null, board: { seq: 12 } });
  });

  it('treats a pulse ahead of its position as a gap', () => {
    const pulse = { epoch: 'e1', seq: 11, serverTime: 0 };
    expect(play([[2, { kind: 'pulse', pulse }]], inStep).ask).toMatchObject({ reason: 'gap' });
  });

  it('replaces everything, even backwards, by a full board of another epoch', () => {
    const restarted = play(
      [
        [2, hello('e2', 3)],
        [2 + SPREAD_MS, { kind: 'tick' }],
        [3_000, answer(2, { epoch: 'e2', seq: 3, rows: [aRow({ symbol: 'ETHUSDT', seq: 1, ts: 5 })] })],
      ],
      inStep,
    );
    expect([...restarted.board!.rows.keys()]).toEqual(['ETHUSDT']);
    expect(restarted).toMatchObject({ ask: null, board: { epoch: 'e2', seq: 3 } });
  });

  it('keeps a newer sample of the same epoch, even against a full board', () => {
    const asked = play(
      [
        [SILENCE_MS + 2, { kind: 'tick' }],
        [20_000, { kind: 'tick' }],
      ],
      inStep,
    );
    const old = aRow({ symbol: 'BTCUSDT', seq: 11, ts: 999, openInterest: 9 });
    const answered = play([[20_001, answer(2, { epoch: 'e1', seq: 11, rows: [old] })]], asked);
    expect(answered.board?.seq).toBe(11);
    expect(btc(answered)?.ts).toBe(1_000);
    expect(btc(play([[2, update(10, 11, old)]], inStep))?.ts).toBe(1_000);
  });

  it('merges a row into the present one, so that a sparkline stays until the next', () => {
    const drawn = { ...aRow({ symbol: 'BTCUSDT', seq: 11, ts: 2_000 }), spark: 'AAAA' };
    const state = play(
      [
        [2, update(10, 11, drawn)],
        [3, update(11, 12, aRow({ symbol: 'BTCUSDT', seq: 12, ts: 3_000 }))],
      ],
      inStep,
    );
    expect(btc(state)).toMatchObject({ ts: 3_000, spark: 'AAAA' });
  });

  it('drops a symbol that left the board', () => {
    const removed = anUpdate({ from: 10, seq: 11, rows: [{ symbol: 'BTCUSDT', removed: true, seq: 11 }] });
    expect(play([[2, { kind: 'update', update: removed }]], inStep).board?.rows.size).toBe(0);
  });

  it('ignores a response that an update has overtaken', () => {
    const asked = play(
      [
        [2, update(11, 12)],
        [2_000, { kind: 'tick' }],
      ],
      inStep,
    );
    const ahead = play([[2_001, update(10, 13, aRow({ symbol: 'BTCUSDT', seq: 13, ts: 5_000 }))]], asked);
    const late = aRow({ symbol: 'BTCUSDT', seq: 13, ts: 5_000, volume24h: 1 });
    const answered = play(
      [[2_002, answer(2, { epoch: 'e1', full: false, from: 10, seq: 12, rows: [late] })]],
      ahead,
    );
    expect(answered.board?.seq).toBe(13);
    expect(btc(answered)?.volume24h).not.toBe(1);
  });

  it('ignores a response from an earlier connection', () => {
    const asked = play(
      [
        [2, update(11, 12)],
        [2_000, { kind: 'tick' }],
      ],
      inStep,
    );
    const back = play(
      [
        [2_100, { kind: 'lost' }],
        [2_200, { kind: 'opened' }],
      ],
      asked,
    );
    expect(play([[2_300, answer(2, { epoch: 'e9', seq: 1 })]], back).board).toBe(inStep.board);
  });

  it('requests a sync after eleven silent seconds and reconnects after thirty', () => {
    const silent = play([[1 + SILENCE_MS, { kind: 'tick' }]], inStep);
    expect(silent.ask).toMatchObject({ reason: 'silence' });
    const dead = play([[1 + RENEW_MS, { kind: 'tick' }]], silent);
    expect(dead).toMatchObject({ connected: false, renewals: 1, ask: null, board: inStep.board });
    expect(nextStepAt(dead)).toBeNull();
  });

  it('retries with growing waits, reports the failure, and clears it with a response', () => {
    const asked = play(
      [
        [2, update(11, 12)],
        [2_000, { kind: 'tick' }],
      ],
      inStep,
    );
    const refused = play([[2_010, { kind: 'refused', id: 2, message: 'busy' }]], asked);
    expect(refused).toMatchObject({ failures: 1, failure: 'busy', ask: { stage: 'planned', dueAt: 2_510 } });
    const again = play(
      [
        [2_510, { kind: 'tick' }],
        [2_520, { kind: 'refused', id: 3, message: 'busy' }],
      ],
      refused,
    );
    expect(again).toMatchObject({ failures: 2, ask: { dueAt: 3_520 } });
    const pushed = play([[2_600, { kind: 'retry' }]], again);
    expect(pushed.ask).toMatchObject({ stage: 'sent', id: 4 });
    const answered = play([[2_700, answer(4, { epoch: 'e1', full: false, from: 10, seq: 12 })]], pushed);
    expect(answered).toMatchObject({ failures: 0, failure: null, ask: null });
  });

  it('counts a request as failed after its timeout', () => {
    const asked = play(
      [
        [2, update(11, 12)],
        [2_000, { kind: 'tick' }],
        [6_999, { kind: 'sign' }],
      ],
      inStep,
    );
    expect(asked.ask).toMatchObject({ stage: 'sent' });
    expect(play([[7_000, { kind: 'tick' }]], asked)).toMatchObject({ failures: 1 });
  });

  it('refreshes the facts of the board before they are much older than five minutes', () => {
    const pulses: [number, SyncInput][] = Array.from({ length: 61 }, (_, i) => [
      1 + i * 5_000,
      { kind: 'pulse', pulse: { epoch: 'e1', seq: 10, serverTime: 0 } },
    ]);
    const later = play(pulses, inStep);
    expect(later.lastFrameAt).toBe(1 + FACTS_MAX_AGE_MS);
    expect(later.ask).toMatchObject({ stage: 'planned', reason: 'facts' });
  });

  it('treats an unreadable message as a gap', () => {
    expect(play([[2, { kind: 'unreadable' }]], inStep).ask).toMatchObject({ reason: 'gap' });
  });

  it('shows a cached board until fresh data arrives, and never instead of it', () => {
    const body = aBody({ epoch: 'e1', seq: 8, rows: [aRow({ symbol: 'BTCUSDT', seq: 8, ts: 1 })] });
    const painted = play([[0, { kind: 'painted', body }]]);
    expect(painted.board?.rows.size).toBe(1);
    expect(play([[2, { kind: 'painted', body }]], inStep)).toBe(inStep);
    const greeted = play(
      [
        [1, { kind: 'opened' }],
        [2, hello('e1', 10)],
      ],
      painted,
    );
    expect(greeted.ask).toMatchObject({ stage: 'planned', reason: 'gap' });
  });
});
