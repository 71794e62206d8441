import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import type { Board } from '../../../../src/openInterest/board/board.ts';
import {
  SNAPSHOT_EVERY_MS,
  createSnapshotBoards,
  snapshotMarkBefore,
} from '../../../../src/openInterest/board/snapshotBoards.ts';
import { aSample, membersOf, symbolNames } from '../../../support/builders.ts';

const MARK = Date.UTC(2026, 10, 20, 14, 5);
const NEXT = MARK + SNAPSHOT_EVERY_MS;
const NO_MEMBERS = membersOf([]);

function symbolsOf(board: Board): string[] {
  return [...board.symbols()].toSorted();
}

/** Symbol 0 has the least volume. */
function rankedMembers(symbols: readonly string[]) {
  return membersOf(symbols.map((symbol, i) => [symbol, (i + 1) * 1_000_000]));
}

describe('snapshotMarkBefore', () => {
  it.each([
    ['14:05:00.000', '14:05'],
    ['14:09:59.999', '14:05'],
    ['14:10:00.000', '14:10'],
    ['00:00:00.000', '00:00'],
  ])('at %s is the mark of %s on the wall clock', (now, mark) => {
    expect(snapshotMarkBefore(Date.parse(`2026-11-20T${now}Z`))).toBe(Date.parse(`2026-11-20T${mark}:00Z`));
  });
});

describe('snapshot boards', () => {
  it('contain the state at the mark until the next one', () => {
    const boards = createSnapshotBoards();
    expect(boards.takenAt()).toBeNull();
    boards.take(MARK, [aSample({ ts: MARK - SECOND_MS, openInterest: 1 })], NO_MEMBERS);
    expect(boards.takenAt()).toBe(MARK);
    expect(boards.all.get('BTCUSDT')?.row).toMatchObject({ openInterest: 1, ts: MARK - SECOND_MS });
    boards.take(NEXT, [aSample({ ts: NEXT, openInterest: 2 })], NO_MEMBERS);
    expect(boards.all.get('BTCUSDT')?.row).toMatchObject({ openInterest: 2, ts: NEXT });
  });

  it('A1 show nothing newer than the mark: the symbol keeps its previous row', () => {
    const boards = createSnapshotBoards();
    boards.take(MARK, [aSample({ ts: MARK, openInterest: 1 })], NO_MEMBERS);
    boards.take(NEXT, [aSample({ ts: NEXT + 1, openInterest: 2 })], NO_MEMBERS);
    expect(boards.all.get('BTCUSDT')?.row).toMatchObject({ openInterest: 1, ts: MARK });
    expect(boards.top.get('BTCUSDT')?.row).toMatchObject({ openInterest: 1, ts: MARK });
  });

  it('A1 omit a symbol whose first sample is newer than the mark', () => {
    const boards = createSnapshotBoards();
    boards.take(MARK, [aSample({ ts: MARK + 1 })], NO_MEMBERS);
    expect([boards.all.size(), boards.top.size()]).toEqual([0, 0]);
  });

  it('B3 do not move back when the clock is set back: a mark must be later than the last', () => {
    const boards = createSnapshotBoards();
    const samples = [aSample({ ts: NEXT - SECOND_MS, openInterest: 1 })];
    expect(boards.take(NEXT, samples, NO_MEMBERS)).toBe(true);
    for (const mark of [NEXT, MARK, MARK - 60 * MINUTE_MS]) {
      expect(boards.take(mark, samples, NO_MEMBERS)).toBe(false);
      expect(boards.takenAt()).toBe(NEXT);
      expect(boards.all.get('BTCUSDT')?.row).toMatchObject({ openInterest: 1 });
      expect(symbolsOf(boards.top)).toEqual(['BTCUSDT']);
    }
  });

  it('continue when the clock is set back: each mark is taken once its time has really passed', () => {
    let steady = 0;
    const boards = createSnapshotBoards(() => steady);
    const takeAt = (now: number, openInterest: number) =>
      boards.take(boards.markAt(now), [aSample({ ts: MARK + openInterest, openInterest })], NO_MEMBERS);
    expect(takeAt(MARK, 0)).toBe(true);
    let now = MARK - 60 * MINUTE_MS;
    for (const [passedMs, isTaken] of [
      [60_000, false],
      [240_000, true],
      [240_000, false],
      [60_000, true],
    ] as const) {
      steady += passedMs;
      now += passedMs;
      expect(takeAt(now, steady)).toBe(isTaken);
    }
    expect(boards.all.get('BTCUSDT')?.row).toMatchObject({ openInterest: 600_000 });
    expect(boards.takenAt()).toBe(MARK + 2 * SNAPSHOT_EVERY_MS);
  });

  it('skip no mark: one that passes between an early timer and the next wait is due immediately', () => {
    const boards = createSnapshotBoards();
    expect(boards.dueInMs(MARK + SECOND_MS)).toBe(SNAPSHOT_EVERY_MS - SECOND_MS);
    boards.take(MARK, [], NO_MEMBERS);
    expect(boards.dueInMs(NEXT - 1)).toBe(1);
    expect(boards.take(snapshotMarkBefore(NEXT - 1), [], NO_MEMBERS)).toBe(false);
    expect(boards.dueInMs(NEXT)).toBe(0);
    expect(boards.take(snapshotMarkBefore(NEXT), [], NO_MEMBERS)).toBe(true);
    expect(boards.dueInMs(NEXT)).toBe(SNAPSHOT_EVERY_MS);
  });

  it('are due within one period for any clock, and only when there is a mark to take', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3_600_000, max: 3_600_000 }), (awayMs) => {
        const boards = createSnapshotBoards();
        boards.take(MARK, [], NO_MEMBERS);
        const now = MARK + awayMs;
        const dueInMs = boards.dueInMs(now);
        expect(dueInMs).toBeLessThanOrEqual(SNAPSHOT_EVERY_MS);
        expect(dueInMs === 0).toBe(boards.take(snapshotMarkBefore(now), [], NO_MEMBERS));
      }),
    );
  });

  it("Q6 show a symbol one mark late when its sender's clock is ahead", () => {
    const boards = createSnapshotBoards();
    for (let i = 0; i < 4; i += 1) {
      const mark = MARK + i * SNAPSHOT_EVERY_MS;
      boards.take(mark, [aSample({ ts: mark + 30 * SECOND_MS, openInterest: i })], NO_MEMBERS);
      const shown = boards.all.get('BTCUSDT')?.row;
      if (i === 0) expect(shown).toBeUndefined();
      else
        expect(shown).toMatchObject({ openInterest: i - 1, ts: mark - SNAPSHOT_EVERY_MS + 30 * SECOND_MS });
    }
  });

  it('A1 B3 never show a sample from after the mark, and never an older one than before', () => {
    const anyTake = fc.record({
      late: fc.integer({ min: -10 * MINUTE_MS, max: MINUTE_MS }),
      also: fc.option(fc.integer({ min: -10 * MINUTE_MS, max: MINUTE_MS })),
    });
    fc.assert(
      fc.property(fc.array(anyTake, { maxLength: 12 }), (takes) => {
        const boards = createSnapshotBoards();
        const shown = new Map<string, number>();
        for (const [i, { late, also }] of takes.entries()) {
          const mark = MARK + i * SNAPSHOT_EVERY_MS;
          const samples = [aSample({ ts: mark + late })];
          if (also !== null) samples.push(aSample({ symbol: 'ETHUSDT', ts: mark + also }));
          boards.take(mark, samples, NO_MEMBERS);
          for (const { row } of boards.all.entries()) {
            expect(row.ts).toBeLessThanOrEqual(mark);
            expect(row.ts).toBeGreaterThanOrEqual(shown.get(row.symbol) ?? -Infinity);
            shown.set(row.symbol, row.ts);
          }
        }
      }),
    );
  });

  it('have their own epochs, so that a change of tier is another board and not a gap', () => {
    const { all, top } = createSnapshotBoards();
    expect(all.epoch).not.toBe(top.epoch);
  });

  it('remove a symbol that has left the realtime board', () => {
    const boards = createSnapshotBoards();
    boards.take(MARK, [aSample({ ts: MARK }), aSample({ symbol: 'GONEUSDT', ts: MARK })], NO_MEMBERS);
    const seen = [boards.all, boards.top].map((board) => ({
      epoch: board.epoch,
      seq: board.closeWindow().seq,
    }));
    boards.take(NEXT, [aSample({ ts: NEXT })], NO_MEMBERS);
    for (const [i, board] of [boards.all, boards.top].entries()) {
      expect(symbolsOf(board)).toEqual(['BTCUSDT']);
      expect(board.since(seen[i]!).rows).toContainEqual({ symbol: 'GONEUSDT', removed: true, seq: 2 });
    }
  });

  it('publish nothing for a symbol that did not move between two marks', () => {
    const boards = createSnapshotBoards();
    const sample = aSample({ ts: MARK });
    boards.take(MARK, [sample], NO_MEMBERS);
    boards.all.closeWindow();
    boards.take(NEXT, [sample], NO_MEMBERS);
    expect(boards.all.closeWindow().rows).toEqual([]);
  });
});

describe('board of the top 50', () => {
  const names = symbolNames(60);
  const samples = names.map((symbol) => aSample({ symbol, ts: MARK }));

  it('contains the 50 symbols with the highest 24 h volume', () => {
    const boards = createSnapshotBoards();
    boards.take(MARK, samples, rankedMembers(names));
    expect(symbolsOf(boards.all)).toEqual(names.toSorted());
    expect(symbolsOf(boards.top)).toEqual(names.slice(10).toSorted());
    expect(boards.top.get('SYM59USDT')?.row.volume24h).toBe(60_000_000);
  });

  it('has a tombstone for a symbol that drops out, and its row when it returns', () => {
    const boards = createSnapshotBoards();
    boards.take(MARK, samples, rankedMembers(names));
    const seen = { epoch: boards.top.epoch, seq: boards.top.closeWindow().seq };
    const fallen = rankedMembers(names).set('SYM30USDT', { volume24h: 1, fundingHours: 8 });
    boards.take(NEXT, samples, fallen);
    expect(boards.top.get('SYM30USDT')).toBeUndefined();
    expect(boards.top.get('SYM9USDT')).toBeDefined();
    expect(boards.top.since(seen).rows).toContainEqual({ symbol: 'SYM30USDT', removed: true, seq: 2 });
    expect(boards.all.get('SYM30USDT')).toBeDefined();
    boards.top.closeWindow();
    boards.take(NEXT + SNAPSHOT_EVERY_MS, samples, rankedMembers(names));
    expect(boards.top.get('SYM30USDT')).toBeDefined();
  });

  it('prefers any known volume to none, and else orders by open interest', () => {
    const boards = createSnapshotBoards();
    const worth = samples.map((it, i) => ({ ...it, openInterestUsd: i === 59 ? null : i }));
    boards.take(MARK, worth, membersOf([['SYM0USDT', 0]]));
    expect(symbolsOf(boards.top)).toEqual(['SYM0USDT', ...names.slice(10, 59)].toSorted());
  });

  it('is the same on every node, for any order of arrival', () => {
    const few = fc.constantFrom(1_000_000, 2_000_000);
    const anyMembers = fc
      .array(fc.option(few), { minLength: 60, maxLength: 60 })
      .map((list) => membersOf(names.flatMap((name, i) => (list[i] ? [[name, list[i]] as const] : []))));
    const anyOrder = fc.shuffledSubarray(samples, { minLength: samples.length });
    fc.assert(
      fc.property(anyMembers, anyOrder, (members, order) => {
        const [one, other] = [createSnapshotBoards(), createSnapshotBoards()];
        one.take(MARK, samples, members);
        other.take(MARK, order, members);
        expect(symbolsOf(one.top)).toEqual(symbolsOf(other.top));
        expect(one.top.size()).toBe(50);
      }),
    );
  });
});
