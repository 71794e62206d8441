import { describe, expect, it } from '@jest/globals';
import { createBoard } from '../../../../src/openInterest/board/board.ts';
import { MAX_SYMBOLS, limitSymbols } from '../../../../src/openInterest/ingest/symbolLimit.ts';
import { aSample, symbolNames } from '../../../support/builders.ts';

/** A board and a universe with these members; `openChunk` is the limit of one chunk. */
function aFullNode(members: readonly string[] = []) {
  const board = createBoard();
  const universe = {
    has: (symbol: string) => members.includes(symbol),
    members: () =>
      members.map((symbol) => ({
        symbol,
        quoteVolume24h: 1,
        fundingIntervalHours: 8,
        circulatingSupply: null,
        circulatingSupplyAt: null,
        sectors: null,
        enteredAt: new Date(0),
        lastSeenAt: new Date(0),
      })),
  };
  return { board, openChunk: () => limitSymbols({ board, universe }) };
}

const admitsAll = (admits: ReturnType<typeof limitSymbols>, symbols: string[]) =>
  symbols.every((symbol) => admits(symbol, 'realtime'));

describe('symbol limit', () => {
  it('C5 counts symbols of the board, over all chunks', () => {
    const { board, openChunk } = aFullNode();
    for (let from = 0; from < MAX_SYMBOLS; from += 500) {
      const symbols = symbolNames(500, from);
      expect(admitsAll(openChunk(), symbols)).toBe(true);
      for (const symbol of symbols) board.apply(aSample({ symbol }), 'poller');
    }
    const admits = openChunk();
    const verdicts = ['ONEMOREUSDT', 'SYM0USDT', 'SYM4999USDT'].map((symbol) => admits(symbol, 'realtime'));
    expect(verdicts).toEqual([false, true, true]);
  });

  it('C5 counts those of the running chunk, each once', () => {
    const admits = aFullNode().openChunk();
    const all = symbolNames(MAX_SYMBOLS);
    expect(admitsAll(admits, [...all, ...all])).toBe(true);
    expect(admits('ONEMOREUSDT', 'realtime')).toBe(false);
  });

  it('C5 reserves room for every member of the universe', () => {
    const members = symbolNames(300, 10_000);
    const { board, openChunk } = aFullNode(members);
    const admits = openChunk();
    const invented = symbolNames(MAX_SYMBOLS).filter((symbol) => admits(symbol, 'realtime'));
    for (const symbol of invented) board.apply(aSample({ symbol }), 'poller');
    expect(invented).toHaveLength(MAX_SYMBOLS - members.length);
    expect(admitsAll(openChunk(), members)).toBe(true);
    for (const symbol of members) board.apply(aSample({ symbol }), 'poller');
    expect(board.size()).toBe(MAX_SYMBOLS);
  });

  it('does not apply to backfill, which is history only', () => {
    const { openChunk } = aFullNode();
    for (let from = 0; from < 3 * MAX_SYMBOLS; from += 500) {
      const admits = openChunk();
      expect(symbolNames(500, from).every((symbol) => admits(symbol, 'backfill'))).toBe(true);
    }
    expect(openChunk()('ONEMOREUSDT', 'realtime')).toBe(true);
  });

  it('has room again when a symbol has left the board', () => {
    const { board, openChunk } = aFullNode();
    for (const symbol of symbolNames(MAX_SYMBOLS)) board.apply(aSample({ symbol }), 'poller');
    expect(openChunk()('ONEMOREUSDT', 'realtime')).toBe(false);
    board.remove('SYM7USDT');
    expect(openChunk()('ONEMOREUSDT', 'realtime')).toBe(true);
  });
});
