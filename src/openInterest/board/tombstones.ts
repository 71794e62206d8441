import { BoundedMap } from '../../kit/boundedMap.ts';
import type { RemovedRow, Sample } from '../openInterest.types.ts';

/** Far more symbols than ever leave; a sender of invented symbols must not fill the memory. */
const MAX_TOMBSTONES = 10_000;

/**
 * The symbols that have left a board in its epoch, so that a client that missed a removal still receives it. `leftWith`
 * is the sample that such a client still shows; `null`: that sample was never stored.
 */
export function createTombstones() {
  let forgottenSeq = 0;
  const bySymbol = new BoundedMap<string, { row: RemovedRow; leftWith: Sample | null }>(
    MAX_TOMBSTONES,
    (_symbol, { row }) => {
      forgottenSeq = Math.max(forgottenSeq, row.seq);
    },
  );

  return {
    add(row: RemovedRow, leftWith: Sample | null): void {
      bySymbol.set(row.symbol, { row, leftWith });
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
