import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBoard } from '../../../../src/openInterest/board/board.ts';
import { createBroadcastWindow } from '../../../../src/openInterest/board/window.ts';
import type { BoardRow, BoardUpdate, RemovedRow } from '../../../../src/openInterest/openInterest.types.ts';
import { aSample, symbolNames } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

const START = Date.UTC(2026, 10, 20, 14);

function aWindow() {
  const clock = createFakeClock(START);
  const board = createBoard({ epoch: 'E' });
  const updates: BoardUpdate[] = [];
  let lastDataAt: number | null = null;
  const window = createBroadcastWindow({
    clock,
    quietMs: 50,
    maxWaitMs: 1_000,
    publish(serverTime) {
      if (!board.hasUnpublished()) return false;
      const { epoch, from, seq, rows } = board.closeWindow();
      updates.push({ epoch, from, seq, rows, asOf: lastDataAt, serverTime });
      return true;
    },
  });
  return {
    clock,
    board,
    window,
    updates,
    /** Does what ingest does with a chunk: merges it, then marks the window if anything changed. */
    take(symbols: readonly string[]) {
      const changed = symbols.filter(
        (symbol) => board.apply(aSample({ symbol, ts: clock.now() }), 'poller') === 'replace',
      );
      if (changed.length === 0) return;
      lastDataAt = clock.now();
      window.markChanged();
    },
  };
}

describe('broadcast window', () => {
  it('B4 publishes a burst as one message 50 ms after its last change', () => {
    const { clock, updates, take } = aWindow();
    take(['AUSDT']);
    clock.advance(49);
    take(['BUSDT', 'AUSDT']);
    clock.advance(49);
    expect(updates).toEqual([]);
    clock.advance(1);
    expect(updates).toEqual([
      {
        epoch: 'E',
        from: 0,
        seq: 1,
        asOf: START + 49,
        serverTime: START + 99,
        rows: [
          expect.objectContaining({ symbol: 'AUSDT', ts: START + 49 }),
          expect.objectContaining({ symbol: 'BUSDT' }),
        ],
      },
    ]);
  });

  it('L6 B4 publishes four chunks in quick succession as one message', () => {
    const { clock, updates, take } = aWindow();
    const names = symbolNames(343);
    for (let from = 0; from < 343; from += 100) {
      take(names.slice(from, from + 100));
      clock.advance(40);
    }
    clock.advance(10_000);
    expect(updates).toHaveLength(1);
    expect(updates[0]!.rows.map((row) => row.symbol)).toEqual(names);
  });

  it('L6 B4 publishes at most one message a chunk for a slower sweep, and loses none of it', () => {
    const { clock, updates, take } = aWindow();
    const names = symbolNames(343);
    for (let from = 0; from < 343; from += 100) {
      take(names.slice(from, from + 100));
      clock.advance(1_000);
    }
    expect(updates.map((it) => it.rows.length)).toEqual([100, 100, 100, 43]);
    expect(updates.flatMap((it) => it.rows.map((row) => row.symbol))).toEqual(names);
  });

  it('B4 publishes once a second while changes never pause', () => {
    const { clock, updates, take } = aWindow();
    for (let ms = 0; ms < 10_000; ms += 40) {
      take(['AUSDT']);
      clock.advance(40);
    }
    expect(updates.map((it) => it.serverTime - START)).toEqual(
      Array.from({ length: 10 }, (_, i) => (i + 1) * 1_000),
    );
  });

  it('B4 publishes four times a second to a poller that posts a chunk every 60 ms', () => {
    const { clock, updates, take } = aWindow();
    for (let ms = 0; ms < 6_000; ms += 60) {
      take(['AUSDT']);
      clock.advance(60);
    }
    const gaps = updates.slice(1).map((it, i) => it.serverTime - updates[i]!.serverTime);
    expect(gaps.length).toBeGreaterThan(15);
    expect(Math.min(...gaps)).toBe(250);
    expect(Math.max(...gaps)).toBeLessThan(350);
  });

  it('B1 has no gap: each message starts where the last ended, and together they are the board', () => {
    const anyBurst = fc.record({
      symbols: fc.array(fc.constantFrom(...symbolNames(8)), { minLength: 1, maxLength: 6 }),
      thenMs: fc.integer({ min: 0, max: 1_500 }),
    });
    fc.assert(
      fc.property(fc.array(anyBurst, { minLength: 1, maxLength: 20 }), (bursts) => {
        const { clock, board, updates, take } = aWindow();
        const changedAt = new Map<string, number>();
        for (const { symbols, thenMs } of bursts) {
          take(symbols);
          for (const symbol of symbols) changedAt.set(symbol, clock.now());
          clock.advance(thenMs);
        }
        clock.advance(1_000);
        expect(updates.map((it) => [it.from, it.seq])).toEqual(updates.map((_, i) => [i, i + 1]));
        const byName = (rows: readonly (BoardRow | RemovedRow)[]) =>
          new Map(
            rows.map((row) => [
              row.symbol,
              { spark: null, fundingHours: null, supply: null, sectors: null, usual: null, ...row },
            ]),
          );
        expect(byName(updates.flatMap((it) => it.rows))).toEqual(
          byName(Array.from(board.entries(), ({ row }) => row)),
        );
        for (const [i, update] of updates.entries()) {
          for (const row of update.rows)
            expect(update.serverTime - ('ts' in row ? row.ts : 0)).toBeLessThanOrEqual(1_000);
          expect(update.serverTime - (updates[i - 1]?.serverTime ?? -Infinity)).toBeGreaterThanOrEqual(250);
        }
      }),
    );
  });

  it('L6 publishes nothing when nothing has changed', () => {
    const { clock, board, updates, window } = aWindow();
    window.markChanged();
    clock.advance(10_000);
    window.flush();
    expect([updates, board.seq(), window.lastPublishedAt()]).toEqual([[], 0, null]);
  });

  it('publishes immediately on flush, and nothing more for the same change', () => {
    const { clock, updates, take, window } = aWindow();
    take(['AUSDT']);
    window.flush();
    clock.advance(10_000);
    expect(updates).toHaveLength(1);
    expect(window.lastPublishedAt()).toBe(START);
  });

  it('publishes nothing after stop, for any later change', () => {
    const { clock, updates, take, window } = aWindow();
    take(['AUSDT']);
    window.stop();
    take(['BUSDT']);
    clock.advance(10_000);
    expect([updates, clock.pending()]).toEqual([[], 0]);
  });

  it('L7 reports since when a change waits, so that a hanging publisher is visible', () => {
    const { clock, take, window } = aWindow();
    expect(window.waitingSince()).toBeNull();
    take(['AUSDT']);
    clock.advance(40);
    take(['BUSDT']);
    expect(window.waitingSince()).toBe(START);
    clock.advance(50);
    expect(window.waitingSince()).toBeNull();
  });
});
