import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import type { Board } from '../../src/openInterest/board/board.ts';
import { createExchangeMarket } from '../market.ts';

const SYMBOLS = 343;
const COARSE_EVERY_MS = 15 * MINUTE_MS;
const FINE_EVERY_MS = 2 * MINUTE_MS;
const ROUND_MS = 10 * SECOND_MS;

/**
 * Each call of the result applies the next samples of the simulated market, a sweep of 343 symbols unless told otherwise; the
 * first one fills the board's last day before. The same start has the same rows in every process.
 */
export function createSweeps(board: Board, startAt: number): (samples?: number) => void {
  let sweep: ((samples: number) => void) | null = null;
  return (samples = SYMBOLS) => (sweep ??= fillBoard(board, startAt))(samples);
}

function fillBoard(board: Board, startAt: number): (samples: number) => void {
  const { symbols, sampleAt } = createExchangeMarket(startAt, SYMBOLS);
  for (const [index, symbol] of symbols.entries()) {
    for (let at = startAt - DAY_MS; at < startAt - HOUR_MS; at += COARSE_EVERY_MS)
      board.fillLastDay(symbol, sampleAt(index, at));
    for (let at = startAt - HOUR_MS; at < startAt; at += FINE_EVERY_MS)
      board.fillLastDay(symbol, sampleAt(index, at));
  }
  let polled = 0;
  return (samples) => {
    for (let i = 0; i < samples; i += 1, polled += 1) {
      // A poller's requests are spread over its interval.
      const at = startAt + ROUND_MS + (polled * ROUND_MS) / SYMBOLS;
      board.apply(sampleAt(polled % SYMBOLS, Math.floor(at)), 'poller');
    }
  };
}
