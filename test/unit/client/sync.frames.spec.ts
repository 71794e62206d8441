import { describe, expect, it } from '@jest/globals';
import { INITIAL_SYNC_STATE, knownPosition, stepSync } from '../../../src/client/sync.step.ts';
import type { SyncInput, SyncState } from '../../../src/client/sync.types.ts';
import { encodeBody, encodeUpdate } from '../../../src/openInterest/board/frames.shared.ts';
import { FRAMES, type UpdateFrame } from '../../../src/openInterest/board/frames.types.ts';
import { aBody, aHello, aRow, anUpdate } from '../dashboard/boardMessages.ts';

const IDS = new Map([['BTCUSDT', 4]]);

function play(inputs: readonly SyncInput[], from: SyncState = INITIAL_SYNC_STATE): SyncState {
  return inputs.reduce((state, input) => stepSync(state, input, { now: 1, random: () => 0.5 }), from);
}

function hello(symbols: [number, string][]): SyncInput {
  return { kind: 'hello', hello: aHello({ epoch: 'e1', seq: 10, frames: FRAMES, symbols }) };
}

function frame(change: Partial<UpdateFrame> = {}): SyncInput {
  const rows = [aRow({ symbol: 'BTCUSDT', seq: 11, openInterest: 7 })];
  const update = anUpdate({ epoch: 'e1', from: 10, seq: 11, rows });
  const none: ReadonlySet<string> = new Set();
  return {
    kind: 'frame',
    frame: { ...encodeUpdate(update, { entered: none, newFacts: none, ids: IDS }), ...change },
  };
}

const body = aBody({ epoch: 'e1', seq: 10, rows: [aRow({ symbol: 'BTCUSDT', seq: 10 })] });
const inStep = play([
  { kind: 'opened' },
  hello([[4, 'BTCUSDT']]),
  { kind: 'answer', id: 1, body: encodeBody(body, IDS) },
]);

describe('stepSync with frames', () => {
  it('applies a frame that joins on, once', () => {
    const once = play([frame()], inStep);
    expect(once).toMatchObject({ ask: null, board: { seq: 11 } });
    expect(once.board?.rows.get('BTCUSDT')).toMatchObject({
      openInterest: 7,
      volume24h: aRow().volume24h,
    });
    expect(play([frame()], once).board).toBe(once.board);
  });

  it.each<[string, Partial<UpdateFrame>]>([
    ['names a symbol that was not introduced', { ids: [9] }],
    ['has columns of different lengths', { oi: [1, 2] }],
    ['lacks the volume of a symbol that it introduces', { ids: [9], symbols: [0, 'ETHUSDT'] }],
  ])('B1 changes no row by a frame that %s, and asks for the whole board', (_, change) => {
    const state = play([frame(change)], inStep);
    expect(state.board).toMatchObject({ seq: 10, rows: inStep.board!.rows });
    expect(state.ask).toMatchObject({ stage: 'planned', reason: 'symbols' });
    expect(knownPosition(state)).toBeNull();
    expect(play([frame()], state).board?.seq).toBe(10);
  });

  it('reads frames on a board that was painted before or after hello', () => {
    for (const inputs of [
      [{ kind: 'painted', body } as const, { kind: 'opened' } as const, hello([[4, 'BTCUSDT']])],
      [{ kind: 'opened' } as const, hello([[4, 'BTCUSDT']]), { kind: 'painted', body } as const],
    ])
      expect(play([...inputs, frame()]).board).toMatchObject({ seq: 11 });
  });

  it('does not read frames by the numbers of another board', () => {
    const other: SyncInput = {
      kind: 'hello',
      hello: aHello({ epoch: 'e2', seq: 10, frames: FRAMES, symbols: [[4, 'ETHUSDT']] }),
    };
    const state = play([{ kind: 'painted', body }, { kind: 'opened' }, other, frame()]);
    expect(state.board).toMatchObject({ epoch: 'e1', seq: 10, symbols: null });
  });

  it('ignores a whole board that updates have overtaken', () => {
    const asking = play([frame({ ids: [9] }), { kind: 'retry' }], inStep);
    expect(asking.ask).toMatchObject({ stage: 'sent', reason: 'symbols' });
    const late = { kind: 'answer', id: asking.asks, body: encodeBody({ ...body, seq: 9 }, IDS) } as const;
    expect(play([late], asking).board).toMatchObject({ seq: 10 });
  });
});
