import { DAY_MS, MINUTE_MS } from '../../kit/clock.ts';
import { computeUsual } from '../board/usual.ts';
import { lastHourMark, readHourMarks } from '../history/hourMarks.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';

/** What is usual is what was so in this time before. */
const USUAL_DAYS = 7;
/** Samples of an hour that a poller had to spool are stored by then. */
const LATE_MS = 2 * MINUTE_MS;
const SYMBOLS_AT_ONCE = 20;

/** Keeps the usual changes of the board's symbols, from the history of each. */
export function createUsualChanges(ctx: OpenInterestContext) {
  const { board, clock, stores, window } = ctx;
  /** The hour up to which each symbol's changes have been read. */
  let readTo: ReadonlyMap<string, number> = new Map();

  return {
    /** Reads the symbols whose changes are not those up to the last whole hour, a few in a statement. */
    async refresh(): Promise<void> {
      const to = lastHourMark(clock.now(), LATE_MS);
      const done = new Map([...readTo].filter(([symbol]) => board.get(symbol)));
      const symbols = [...board.symbols()].filter((it) => done.get(it) !== to);
      for (let i = 0; i < symbols.length; i += SYMBOLS_AT_ONCE) {
        const part = symbols.slice(i, i + SYMBOLS_AT_ONCE);
        const marks = await readHourMarks(stores.upkeep, {
          symbols: part,
          from: to - USUAL_DAYS * DAY_MS,
          to,
        });
        for (const [symbol, of] of marks) {
          board.setUsual(symbol, computeUsual(of));
          done.set(symbol, to);
        }
        if (board.hasUnpublished()) window.markChanged();
        readTo = done;
      }
      readTo = done;
    },
  };
}
