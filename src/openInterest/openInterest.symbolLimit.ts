import type { Board } from './openInterest.board.ts';

/**
 * How many symbols a node gets to know: a valid key with a broken poller must not fill its memory. Symbols that came as
 * backfill are not on the board, yet their past is kept, so they count too.
 */
export type SymbolLimit = {
  /** Whether one chunk may bring these symbols; asked symbol by symbol. */
  openChunk(): (symbol: string) => boolean;
  /** The symbol has come in, and is on the board by now if it ever will be. */
  keep(symbol: string): void;
};

export const MAX_SYMBOLS = 5_000;

export function createSymbolLimit(board: Pick<Board, 'get' | 'size'>): SymbolLimit {
  const offBoard = new Set<string>();
  return {
    openChunk() {
      const arriving = new Set<string>();
      return (symbol) => {
        if (board.get(symbol) || offBoard.has(symbol) || arriving.has(symbol)) return true;
        if (board.size() + offBoard.size + arriving.size >= MAX_SYMBOLS) return false;
        arriving.add(symbol);
        return true;
      };
    },
    keep(symbol) {
      if (board.get(symbol)) offBoard.delete(symbol);
      else offBoard.add(symbol);
    },
  };
}
