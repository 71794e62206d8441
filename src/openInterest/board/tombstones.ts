import type { RemovedRow, Sample } from '../openInterest.types.ts';

/** Far more symbols than ever leave; a sender of invented symbols must not fill the memory. */
const MAX_TOMBSTONES = 10_000;

/**
 * The symbols that have left a board in its epoch, so that a client that missed a removal still receives it. `leftWith`
 * is the sample that such a client still shows; `null`: that sample was never stored.
 */
export function createTombstones() {
  const bySymbol = new Map<string, { row: RemovedRow; leftWith: Sample | null }>();
  let forgottenSeq = 0;

  return {
    add(row: RemovedRow, leftWith: Sample | null): void {
      bySymbol.set(row.symbol, { row, leftWith });
      if (bySymbol.size <= MAX_TOMBSTONES) return;
      const [oldest, dropped] = bySymbol.entries().next().value!;
      bySymbol.delete(oldest);
      forgottenSeq = Math.max(forgottenSeq, dropped.row.seq);
    },
    delete: (symbol: string) => void bySymbol.delete(symbol),
    get: (symbol: string) => bySymbol.get(symbol),
    values: () => bySymbol.values(),
    /** A client at a position below this needs the whole board. */
    forgottenSeq: () => forgottenSeq,
    /** Makes every client at or below `seq - 1` start from the whole board. */
    forgetBefore: (seq: number) => void (forgottenSeq = seq),
  };
}

export type Tombstones = ReturnType<typeof createTombstones>;
