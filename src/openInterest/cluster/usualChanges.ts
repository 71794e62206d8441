import { readUsual, usualHoursAt } from '../history/usual.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';

const SYMBOLS_AT_ONCE = 20;

/** Keeps the usual changes of the board's symbols, from the history of each. */
export function createUsualChanges(ctx: OpenInterestContext) {
  const { board, clock, stores, window } = ctx;
  /** The hour up to which each symbol's changes have been read. */
  let readTo: ReadonlyMap<string, number> = new Map();

  return {
    /** Reads the symbols whose changes are not those up to the last whole hour, a few in a statement. */
    async refresh(): Promise<void> {
      const hours = usualHoursAt(clock.now());
      const done = new Map([...readTo].filter(([symbol]) => board.get(symbol)));
      const symbols = [...board.symbols()].filter((it) => done.get(it) !== hours.to);
      for (let i = 0; i < symbols.length; i += SYMBOLS_AT_ONCE) {
        const part = symbols.slice(i, i + SYMBOLS_AT_ONCE);
        for (const [symbol, usual] of await readUsual(stores.upkeep, { symbols: part, ...hours })) {
          board.setUsual(symbol, usual);
          done.set(symbol, hours.to);
        }
        if (board.hasUnpublished()) window.markChanged();
        readTo = done;
      }
      readTo = done;
    },
  };
}
