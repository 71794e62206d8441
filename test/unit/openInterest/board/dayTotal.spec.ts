import { describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS } from '../../../../src/kit/clock.ts';
import { createBoard, type Board } from '../../../../src/openInterest/board/board.ts';
import { computeDayTotal, createDayTotal } from '../../../../src/openInterest/board/dayTotal.ts';
import { aSample } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const HALF_HOUR = 30 * MINUTE_MS;

/** A board of symbols with a value in each half hour of the last day; `null`: none. The newest value comes first. */
function boardOf(
  now: number,
  symbols: Readonly<Record<string, (halfHoursAgo: number) => number | null>>,
): Board {
  const board = createBoard({ withLastDay: true });
  for (const [symbol, usdAt] of Object.entries(symbols)) {
    for (let ago = 0; ago < 50; ago += 1) {
      const usd = usdAt(ago);
      const sample = aSample({ symbol, ts: now - ago * HALF_HOUR, openInterest: 1, openInterestUsd: usd });
      if (usd === null) continue;
      if (board.apply(sample, 'poller') !== 'replace') board.fillLastDay(symbol, sample);
    }
  }
  return board;
}

describe('the total of the last day', () => {
  it('is the sum of the last values of 48 half hours, the running one too', () => {
    const now = NOON + 7 * MINUTE_MS;
    const board = boardOf(now, { BTCUSDT: (ago) => 1_000 - ago, ETHUSDT: (ago) => 500 + 2 * ago });
    board.fillLastDay('BTCUSDT', aSample({ ts: NOON + MINUTE_MS, openInterestUsd: 9 }));
    const { from, everySec, symbols, usd } = computeDayTotal(board, now);
    expect({ from, everySec, symbols }).toEqual({ from: NOON - 47 * HALF_HOUR, everySec: 1_800, symbols: 2 });
    expect(usd).toEqual(Array.from({ length: 48 }, (_, i) => 1_500 + (47 - i)));
  });

  it('leaves out a symbol that was listed or lost in between, so that it is no move of the market', () => {
    const board = boardOf(NOON, {
      BTCUSDT: () => 1_000,
      NEWUSDT: (ago) => (ago < 10 ? 40 : null),
      GONEUSDT: (ago) => (ago > 10 ? 10 : null),
    });
    const { symbols, usd } = computeDayTotal(board, NOON);
    expect(symbols).toBe(1);
    expect(usd).toEqual(Array.from({ length: 48 }, () => 1_000));
  });

  it('L1 is unknown where symbols with more than 5 % of the open interest are', () => {
    const board = boardOf(NOON, {
      BTCUSDT: () => 1_000,
      ETHUSDT: (ago) => (ago >= 4 && ago < 6 ? null : 100),
    });
    const { symbols, usd } = computeDayTotal(board, NOON);
    expect(symbols).toBe(2);
    expect(usd.flatMap((it, i) => (it === null ? [47 - i] : []))).toEqual([5, 4]);
    expect(new Set(usd)).toEqual(new Set([null, 1_100]));
  });

  it('is unknown of an empty board', () => {
    const { symbols, usd } = computeDayTotal(createBoard({ withLastDay: true }), NOON);
    expect(symbols).toBe(0);
    expect(usd).toEqual(Array.from({ length: 48 }, () => null));
  });

  it('is computed once a minute', () => {
    const clock = createFakeClock(NOON);
    const board = boardOf(NOON, { BTCUSDT: () => 1_000 });
    const read = createDayTotal(board, clock);
    const first = read();
    clock.advance(MINUTE_MS - 1);
    expect(read()).toBe(first);
    clock.advance(HOUR_MS);
    expect(read().from).toBe(first.from + HOUR_MS);
    clock.set(NOON);
    expect(read().from).toBe(first.from);
  });
});
