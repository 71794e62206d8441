import type { Board } from '../board/board.ts';
import type { Source } from '../openInterest.types.ts';
import type { Universe } from '../universe/universe.ts';

/** The most symbols of a board: a broken poller with a valid key must not fill the memory. */
export const MAX_SYMBOLS = 5_000;

/**
 * Decides, sample by sample of one chunk, whether a sample of this symbol may enter. Members of the universe always
 * have room; all others share what the universe leaves. What goes to history alone needs no room.
 */
export function limitSymbols({
  board,
  universe,
}: {
  board: Pick<Board, 'get' | 'symbols'>;
  universe: Pick<Universe, 'has' | 'members'>;
}): (symbol: string, source: Source) => boolean {
  const arriving = new Set<string>();
  // Counted when the first unknown symbol arrives: most chunks have none.
  let room: number | undefined;
  return (symbol, source) => {
    if (source === 'backfill' || board.get(symbol) || universe.has(symbol) || arriving.has(symbol))
      return true;
    room ??= MAX_SYMBOLS - universe.members().length - countOutsiders(board, universe);
    if (arriving.size >= room) return false;
    arriving.add(symbol);
    return true;
  };
}

function countOutsiders(board: Pick<Board, 'symbols'>, universe: Pick<Universe, 'has'>): number {
  let outsiders = 0;
  for (const symbol of board.symbols()) if (!universe.has(symbol)) outsiders += 1;
  return outsiders;
}
