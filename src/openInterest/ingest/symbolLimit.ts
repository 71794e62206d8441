import type { Board } from '../board/board.ts';
import type { Source } from '../openInterest.types.ts';
import type { Universe } from '../universe/universe.ts';

/**
 * How many symbols a board may hold: a valid key with a broken poller must not fill the memory. Members of the universe
 * always have room; all others share what the universe leaves. What goes to history only takes no room.
 */
export type SymbolLimit = {
  /** Whether one chunk may bring a sample of this symbol; asked sample by sample. */
  openChunk(): (symbol: string, source: Source) => boolean;
};

export const MAX_SYMBOLS = 5_000;

export function createSymbolLimit(deps: {
  board: Pick<Board, 'get' | 'symbols'>;
  universe: Pick<Universe, 'has' | 'members'>;
}): SymbolLimit {
  const { board, universe } = deps;

  function countOthers(): number {
    let others = 0;
    for (const symbol of board.symbols()) if (!universe.has(symbol)) others += 1;
    return others;
  }

  return {
    openChunk() {
      const arriving = new Set<string>();
      // Counted when the first unknown symbol comes: most chunks bring none.
      let room: number | undefined;
      return (symbol, source) => {
        if (source === 'backfill' || board.get(symbol) || universe.has(symbol) || arriving.has(symbol))
          return true;
        room ??= MAX_SYMBOLS - universe.members().length - countOthers();
        if (arriving.size >= room) return false;
        arriving.add(symbol);
        return true;
      };
    },
  };
}
