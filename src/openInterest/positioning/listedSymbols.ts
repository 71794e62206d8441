import { MINUTE_MS } from '../../kit/clock.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { selectListedSymbols } from '../views/watchlists.repository.ts';
import { MOST_POSITIONING_SYMBOLS } from './positioning.types.ts';

/** Collectors ask every few seconds, and each read walks through the lists of all users. */
const READ_EVERY_MS = MINUTE_MS;

/** The symbols on the board that most users have in their lists, as read in the last minute. */
export function createListedSymbols({
  stores,
  clock,
  board,
  logger,
}: Pick<OpenInterestContext, 'stores' | 'clock' | 'board' | 'logger'>) {
  let symbols: Promise<string[]> = Promise.resolve([]);
  let readAt = -Infinity;

  /** Without the lists collectors still read what users look at. */
  async function readOr(known: Promise<string[]>): Promise<string[]> {
    try {
      const query = { symbols: [...board.symbols()], limit: MOST_POSITIONING_SYMBOLS };
      return await selectListedSymbols(stores.read, query);
    } catch (err) {
      logger.warn({ err }, 'symbols of watchlists not read, retrying');
      return known;
    }
  }

  return (): Promise<string[]> => {
    const now = clock.now();
    // The clock may have been set back.
    if (Math.abs(now - readAt) >= READ_EVERY_MS) {
      readAt = now;
      symbols = readOr(symbols);
    }
    return symbols;
  };
}
