import { describe, expect, it } from '@jest/globals';
import { deriveBoard, type BoardInputs, type BoardState } from '../../../src/dashboard/board/deriveBoard.ts';
import { DEFAULT_VIEW } from '../../../src/dashboard/board/view.ts';
import { NO_CLOCK_OFFSET } from '../../../src/client/clockOffset.ts';
import type { LiveState } from '../../../src/dashboard/live/live.ts';
import { mergeChanges, replaceBoard } from '../../../src/client/sync.rows.ts';
import { INITIAL_SYNC_STATE } from '../../../src/client/sync.step.ts';
import type { HeldBoard } from '../../../src/client/sync.types.ts';
import { aBody, aRow, anUpdate } from './boardMessages.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 1);
const row = (symbol: string, openInterestUsd: number, seq = 1, ts = NOW - 1_000) =>
  aRow({ symbol, openInterest: openInterestUsd, openInterestUsd, seq, ts });
const BOARD = replaceBoard(null, aBody({ seq: 1, rows: [row('A', 3e6), row('B', 2e6), row('C', 1e6)] }));

function live(given: Partial<LiveState> = {}, board: HeldBoard = BOARD): LiveState {
  const sync = { ...INITIAL_SYNC_STATE, connected: true, board };
  return {
    sync,
    offset: NO_CLOCK_OFFSET,
    online: true,
    retry: null,
    behindSince: null,
    paused: null,
    now: NOW,
    ...given,
  };
}

function derive(before: BoardState | null, given: Partial<BoardInputs>): BoardState {
  const favourites = before?.favourites ?? new Set<string>();
  return deriveBoard(before, {
    live: live(),
    view: DEFAULT_VIEW,
    favourites,
    listed: undefined,
    busy: false,
    apply: false,
    ...given,
  });
}

const symbols = ({ lines }: BoardState) => lines.map((it) => it.symbol);
const start = derive(null, {});
/** A becomes the smallest. */
const CHANGED = mergeChanges(BOARD, anUpdate({ seq: 2, rows: [row('A', 5e5, 2, NOW)] }));

describe('derived board', () => {
  it('changes only its clock while nothing arrives', () => {
    const next = derive(start, { live: live({ now: NOW + 1_000 }) });
    expect(next.now).toBe(start.now + 1_000);
    expect(next.newestAgeMs).toBe(2_000);
    expect(next.tints.fresh).toBe(start.tints.fresh);
    for (const part of ['lines', 'tiles', 'coverage', 'order', 'state'] as const) {
      expect({ [part]: Object.is(next[part], start[part]) }).toEqual({ [part]: true });
    }
  });

  it('shows new values immediately, keeps unchanged lines, and reorders rows after a delay', () => {
    const next = derive(start, { live: live({}, CHANGED) });
    expect(symbols(next)).toEqual(['A', 'B', 'C']);
    expect(next.lines[0]?.row?.openInterestUsd).toBe(5e5);
    const later = derive(next, { live: live({ now: NOW + 6_000 }, CHANGED) });
    expect(symbols(later)).toEqual(['B', 'C', 'A']);
  });

  it('freezes the order while the viewer interacts with rows, counts the rows that would move, and reorders on request', () => {
    const held = derive(start, { live: live({ now: NOW + 6_000 }, CHANGED), busy: true });
    expect([symbols(held), held.moved]).toEqual([['A', 'B', 'C'], 3]);
    const applied = derive(held, { live: live({ now: NOW + 6_000 }, CHANGED), busy: true, apply: true });
    expect([symbols(applied), applied.moved]).toEqual([['B', 'C', 'A'], 0]);
  });

  it('is frozen while updates are paused, except for the header', () => {
    const paused = { at: NOW, board: BOARD };
    const next = derive(start, { live: live({ paused, now: NOW + 200_000 }, CHANGED) });
    expect([next.lines, next.tableNow]).toEqual([start.lines, NOW]);
    expect(next.coverage).toMatchObject({ live: 0, total: 3 });
    expect(next.state).toBe('paused');
  });

  it('filters immediately and counts hidden rows', () => {
    const next = derive(start, { view: { ...DEFAULT_VIEW, minUsd: 2e6 }, busy: true });
    expect([symbols(next), next.hidden, next.total]).toEqual([['A', 'B'], 1, 3]);
  });
});
