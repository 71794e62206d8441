import { describe, expect, it } from '@jest/globals';
import { createBoard } from '../../../src/openInterest/openInterest.board.ts';
import { MAX_SYMBOLS, createSymbolLimit } from '../../../src/openInterest/openInterest.symbolLimit.ts';
import { aSample, symbolNames } from '../../support/builders.ts';

describe('the limit of symbols', () => {
  it.each([
    ['of the board', 'realtime'],
    ['that are backfill and never on the board', 'backfill'],
  ] as const)('C5 counts symbols %s, over all chunks', (_which, source) => {
    const board = createBoard();
    const limit = createSymbolLimit(board);
    for (let from = 0; from < MAX_SYMBOLS; from += 500) {
      const admits = limit.openChunk();
      const symbols = symbolNames(500, from);
      expect(symbols.every(admits)).toBe(true);
      for (const symbol of symbols) {
        if (source === 'realtime') board.apply(aSample({ symbol }), 'poller');
        limit.keep(symbol);
      }
    }
    const admits = limit.openChunk();
    expect([admits('ONEMOREUSDT'), admits('SYM0USDT'), admits('SYM4999USDT')]).toEqual([false, true, true]);
  });

  it('C5 counts those of the running chunk, each once', () => {
    const admits = createSymbolLimit(createBoard()).openChunk();
    const all = symbolNames(MAX_SYMBOLS);
    expect([...all, ...all].every(admits)).toBe(true);
    expect(admits('ONEMOREUSDT')).toBe(false);
  });

  it('counts a symbol once that came as backfill and is on the board by now', () => {
    const board = createBoard();
    const limit = createSymbolLimit(board);
    for (const symbol of symbolNames(MAX_SYMBOLS - 1)) limit.keep(symbol);
    board.apply(aSample({ symbol: 'SYM0USDT' }), 'poller');
    limit.keep('SYM0USDT');
    const admits = limit.openChunk();
    expect([admits('ONEMOREUSDT'), admits('ANOTHERUSDT')]).toEqual([true, false]);
  });
});
