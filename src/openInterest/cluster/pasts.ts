import { COARSE_BUCKET_MS, FINE_MS, KEPT_MS } from '../board/series.ts';
import { selectPast } from '../history/history.repository.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';

/** Queries under way at the same time; a starting node must leave the database to those that run. */
const PARALLEL = 4;

/** Fills the last day of these symbols from the database. */
export async function readPasts(
  { board, clock, stores }: Pick<OpenInterestContext, 'board' | 'clock' | 'stores'>,
  symbols: readonly string[],
): Promise<void> {
  const now = clock.now();
  let next = 0;
  async function work(): Promise<void> {
    for (let symbol = symbols[next++]; symbol !== undefined; symbol = symbols[next++]) {
      const past = await selectPast(stores.read, {
        symbol,
        from: new Date(now - KEPT_MS),
        fineFrom: new Date(now - FINE_MS),
        bucketSec: COARSE_BUCKET_MS / 1_000,
      });
      board.addPast(symbol, past);
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work));
}

/**
 * Fills the last day of symbols that have entered the board since the node started. What was received of them before, by
 * this node or another, is in the database alone: a symbol that is not shown has no last day.
 */
export function createPasts(ctx: OpenInterestContext) {
  let waiting: ReadonlySet<string> = new Set();
  return {
    /** Reads the symbols that were there at the last look: what was received before them is committed by now. */
    async readEntered(): Promise<void> {
      const symbols = ctx.board.withoutPast();
      const due = symbols.filter((it) => waiting.has(it));
      waiting = new Set(symbols);
      await readPasts(ctx, due);
    },
  };
}
