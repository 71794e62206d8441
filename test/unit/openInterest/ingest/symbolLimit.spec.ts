import { describe, expect, it } from '@jest/globals';
import { createBoard } from '../../../../src/openInterest/board/board.ts';
import { MAX_SYMBOLS, createSymbolLimit } from '../../../../src/openInterest/ingest/symbolLimit.ts';
import { aSample, symbolNames } from '../../../support/builders.ts';

/** A limit over a board and a universe with these members. */
function createScene(members: readonly string[] = []) {
  const board = createBoard();
  const limit = createSymbolLimit({
    board,
    universe: {
      has: (symbol) => members.includes(symbol),
      members: () =>
        members.map((symbol) => ({
          symbol,
          quoteVolume24h: 1,
          enteredAt: new Date(0),
          lastSeenAt: new Date(0),
        })),
    },
  });
  return { board, limit };
}

const admitsAll = (
  admits: ReturnType<ReturnType<typeof createSymbolLimit>['openChunk']>,
  symbols: string[],
) => symbols.every((symbol) => admits(symbol, 'realtime'));

describe('the limit of symbols', () => {
  it('C5 counts symbols of the board, over all chunks', () => {
    const { board, limit } = createScene();
    for (let from = 0; from < MAX_SYMBOLS; from += 500) {
      const symbols = symbolNames(500, from);
      expect(admitsAll(limit.openChunk(), symbols)).toBe(true);
      for (const symbol of symbols) board.apply(aSample({ symbol }), 'poller');
    }
    const admits = limit.openChunk();
    const verdicts = ['ONEMOREUSDT', 'SYM0USDT', 'SYM4999USDT'].map((symbol) => admits(symbol, 'realtime'));
    expect(verdicts).toEqual([false, true, true]);
  });

  it('C5 counts those of the running chunk, each once', () => {
    const admits = createScene().limit.openChunk();
    const all = symbolNames(MAX_SYMBOLS);
    expect(admitsAll(admits, [...all, ...all])).toBe(true);
    expect(admits('ONEMOREUSDT', 'realtime')).toBe(false);
  });

  it('C5 leaves room for every member of the universe, however many other names come first', () => {
    const members = symbolNames(300, 10_000);
    const { board, limit } = createScene(members);
    const admits = limit.openChunk();
    const invented = symbolNames(MAX_SYMBOLS).filter((symbol) => admits(symbol, 'realtime'));
    for (const symbol of invented) board.apply(aSample({ symbol }), 'poller');
    expect(invented).toHaveLength(MAX_SYMBOLS - members.length);
    expect(admitsAll(limit.openChunk(), members)).toBe(true);
    for (const symbol of members) board.apply(aSample({ symbol }), 'poller');
    expect(board.size()).toBe(MAX_SYMBOLS);
  });

  it('gives what goes to history only no room, and asks none for it', () => {
    const { limit } = createScene();
    for (let from = 0; from < 3 * MAX_SYMBOLS; from += 500) {
      const admits = limit.openChunk();
      expect(symbolNames(500, from).every((symbol) => admits(symbol, 'backfill'))).toBe(true);
    }
    expect(limit.openChunk()('ONEMOREUSDT', 'realtime')).toBe(true);
  });

  it('has room again when a symbol has left the board', () => {
    const { board, limit } = createScene();
    for (const symbol of symbolNames(MAX_SYMBOLS)) board.apply(aSample({ symbol }), 'poller');
    expect(limit.openChunk()('ONEMOREUSDT', 'realtime')).toBe(false);
    board.remove('SYM7USDT');
    expect(limit.openChunk()('ONEMOREUSDT', 'realtime')).toBe(true);
  });
});
