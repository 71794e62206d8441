import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/kit/clock.ts';
import { createBoard, type Board } from '../src/openInterest/board/board.ts';
import type { Sample } from '../src/openInterest/openInterest.types.ts';

const SAMPLE_EVERY_MS = 10 * SECOND_MS;
/** The series keeps the last hour in full and two-minute buckets before it. */
const FINE_FROM_MS = HOUR_MS;
const COARSE_EVERY_MS = 2 * MINUTE_MS;

/** A board with a day in memory, and the time of its newest samples. */
export type FilledBoard = { symbols: number; board: Board; now: number };

export function fillDay(symbols: number): FilledBoard {
  const board = createBoard({ withLastDay: true });
  const now = Date.now();
  for (let index = 0; index < symbols; index += 1) {
    const { symbol } = sampleOf(index, now);
    for (let ts = now - DAY_MS; ts < now - FINE_FROM_MS; ts += COARSE_EVERY_MS)
      board.fillLastDay(symbol, sampleOf(index, ts));
    for (let ts = now - FINE_FROM_MS; ts < now; ts += SAMPLE_EVERY_MS)
      board.fillLastDay(symbol, sampleOf(index, ts));
    board.apply(sampleOf(index, now), 'database');
  }
  board.closeWindow();
  return { symbols, board, now };
}

/** The samples of the next window: of all symbols, or of `changed` that follow each other. */
export function sampleNext(it: FilledBoard, changed: number, round: number): Sample[] {
  it.now += SAMPLE_EVERY_MS;
  const first = changed === it.symbols ? 0 : (round * 31) % it.symbols;
  return Array.from({ length: changed }, (_, index) => sampleOf(first + index, it.now));
}

function sampleOf(index: number, ts: number): Sample {
  const wave = Math.sin(ts / HOUR_MS + index);
  const openInterest = Math.round((1e6 + index * 1_000) * (1 + wave / 20));
  const markPrice = Number((10 * (1 + wave / 50)).toFixed(4));
  return {
    symbol: `ROW${index}USDT`,
    ts,
    source: 'realtime',
    openInterest,
    openInterestUsd: Number((openInterest * markPrice).toFixed(2)),
    markPrice,
    fundingRate: 0.0001,
  };
}
