import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { COLUMN_KEYS, PINNED, USUAL, widthOf } from '../../../src/dashboard/board/columns.ts';
import { moveInGrid } from '../../../src/dashboard/board/gridMoves.ts';
import { rowsInSight, scrollToShow } from '../../../src/dashboard/board/rowWindow.ts';
import { selectColumns } from '../../../src/dashboard/board/selectColumns.ts';
import { dataOf, countChanges, usualPace } from '../../../src/dashboard/board/rowFacts.ts';
import { reconnectDelay } from '../../../src/client/reconnect.ts';
import { endsSession } from '../../../src/client/refusals.ts';
import { aRow } from './boardMessages.ts';

const size = { rows: 344, columns: 15, page: 18 };

function press(row: number, column: number, key: string, ctrl = false) {
  return moveInGrid({ row, column }, { key, ctrl }, size);
}

describe('keyboard navigation of the grid', () => {
  it('moves by one, to the ends, and by page', () => {
    expect(press(5, 3, 'ArrowUp')).toEqual({ row: 4, column: 3 });
    expect(press(5, 3, 'ArrowRight')).toEqual({ row: 5, column: 4 });
    expect(press(5, 3, 'Home')).toEqual({ row: 5, column: 0 });
    expect(press(5, 3, 'End', true)).toEqual({ row: 343, column: 14 });
    expect(press(5, 3, 'PageDown')).toEqual({ row: 23, column: 3 });
    expect(press(5, 3, 'PageUp')).toEqual({ row: 1, column: 3 });
    expect(press(5, 3, 'Home', true)).toEqual({ row: 1, column: 0 });
  });

  it('reaches the header from the first row, ignores other keys and never leaves the grid', () => {
    expect(press(1, 3, 'ArrowUp')).toEqual({ row: 0, column: 3 });
    expect(press(0, 0, 'ArrowLeft')).toEqual({ row: 0, column: 0 });
    expect(press(343, 14, 'PageDown')).toEqual({ row: 343, column: 14 });
    expect(press(1, 1, 'Tab')).toBeNull();
  });
});

describe('visible rows', () => {
  it('are rendered at any scroll position, with a limited number', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(40_000), fc.integer({ min: 100, max: 2_000 }), (count, top, height) => {
        const { from, to } = rowsInSight({ top, height, rowHeight: 36, count });
        const first = Math.min(Math.floor(top / 36), count);
        const last = Math.min(Math.ceil((top + height) / 36), count);
        expect(from).toBeLessThanOrEqual(first);
        expect(to).toBeGreaterThanOrEqual(last);
        expect(to - from).toBeLessThanOrEqual(height / 36 + 16);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
      }),
    );
  });

  it('are scrolled into view below the header, and no further', () => {
    const view = { top: 360, height: 400, rowHeight: 36, covered: 36 };
    expect(scrollToShow(5, view)).toBe(180);
    expect(scrollToShow(12, view)).toBe(360);
    // The last row that fits under the header ends at 360 + 400 − 36.
    expect(scrollToShow(20, view)).toBe(21 * 36 + 36 - 400);
  });
});

describe('columns', () => {
  const all = { funding: true, volume: true, supply: true, sectors: true, changes: true };
  const select = (given: Partial<Parameters<typeof selectColumns>[0]>) =>
    selectColumns({ chosen: null, room: Infinity, pro: true, has: all, ...given });

  it('fit the room that there is, the most valuable ones first, in the order of the board', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 1_300 }), (room) => {
        const { shown } = select({ room });
        expect(widthOf(shown)).toBeLessThanOrEqual(room);
        const [missing] = USUAL.filter((it) => !shown.includes(it));
        const above = USUAL.slice(0, missing === undefined ? USUAL.length : USUAL.indexOf(missing));
        expect(shown).toEqual(expect.arrayContaining([...PINNED, ...above]));
        if (missing) expect(widthOf([...PINNED, ...above, missing])).toBeGreaterThan(room);
        expect(shown).toEqual(COLUMN_KEYS.filter((it) => shown.includes(it)));
      }),
    );
    const all = select({});
    expect(widthOf(all.shown)).toBe(1_150);
    expect(all.shown).toHaveLength(PINNED.length + USUAL.length);
    expect(select({ room: 720 }).fullWidth).toBe(1_150);
  });

  it('are all available, those too that are shown only when chosen', () => {
    expect(select({}).available).toEqual([...COLUMN_KEYS]);
    expect(select({ chosen: ['p60', 'u60', 'fundYear'] }).shown).toEqual([
      'fav',
      'symbol',
      'p60',
      'u60',
      'fundYear',
    ]);
  });

  it('are absent when no row has a value for them', () => {
    expect(select({ has: { ...all, funding: false } }).shown).not.toContain('fund');
    const bare = select({ has: { ...all, volume: false }, chosen: ['vol', 'ratio', 'mark'] });
    expect(bare.shown).toEqual(['fav', 'symbol', 'mark']);
    expect(select({ has: { ...all, supply: false }, chosen: ['cap', 'sector'] }).shown).toContain('sector');
    const frozen = { ...all, changes: false };
    expect(select({ has: frozen, chosen: ['d60', 'spark', 'quad', 'usd'] }).shown).toEqual([
      'fav',
      'symbol',
      'usd',
    ]);
    // Columns locked for Free are shown as such, not hidden.
    expect(select({ has: frozen, pro: false }).locked).toContain('d60');
    expect(dataOf(new Map([['A', aRow({ fundingRate: null })]]))).toEqual({
      funding: false,
      volume: true,
      supply: false,
      sectors: false,
    });
  });

  it('of Pro are adjacent for Free, so that they can be one locked cell', () => {
    const { shown, locked } = select({ pro: false });
    const at = shown.indexOf(locked[0]!);
    expect(shown.slice(at, at + locked.length)).toEqual(locked);
    expect(locked).toEqual(['d5', 'd15', 'd60', 'd1440', 'spark', 'quad']);
    expect(shown.at(-1)).toBe('age');
    // With little room, what Free can read comes before what is locked.
    const few = select({ pro: false, room: 700 });
    expect(few.shown).toEqual(['fav', 'symbol', 'mark', 'oi', 'usd', 'fund', 'vol', 'ratio', 'age']);
  });
});

describe('facts of the rows', () => {
  it('count what changed while the table was paused', () => {
    const [a, b, c] = ['A', 'B', 'C'].map((symbol) => aRow({ symbol }));
    const before = new Map([
      ['A', a!],
      ['B', b!],
    ]);
    const after = new Map([
      ['A', a!],
      ['C', c!],
    ]);
    expect(countChanges(before, after)).toBe(2);
    expect(countChanges(before, before)).toBe(0);
  });

  it('have the usual pace', () => {
    const rows = [5, 300, 12].map((everySec, i) => [String(i), aRow({ everySec })] as const);
    expect(usualPace(new Map(rows))).toBe(12);
  });
});

describe('reconnecting', () => {
  it('backs off up to ten seconds, with half of that as jitter', () => {
    expect([1, 2, 3, 10].map((attempt) => reconnectDelay(attempt, 0.5))).toEqual([500, 1_000, 2_000, 10_000]);
    expect([reconnectDelay(1, 0), reconnectDelay(10, 0)]).toEqual([250, 5_000]);
    expect(reconnectDelay(10, 0.999)).toBeLessThan(15_000);
  });

  it('redirects to sign-in only for errors that a retry cannot resolve', () => {
    expect(['token_expired', 'token_revoked', 'unauthorized'].map(endsSession)).toEqual([true, true, true]);
    expect([undefined, 'too_many_sockets', 'starting'].map(endsSession)).toEqual([false, false, false]);
  });
});
