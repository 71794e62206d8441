/**
 * When each symbol last passed a stage of this node: posted (named in a chunk), accepted (its item was good), committed
 * (stored as its newest sample), broadcast (carried by a window). Comparing the stages tells where symbols are lost, which totals of chunks cannot.
 */
export type Passages = {
  passed(stage: Stage, symbols: Iterable<string>, at: number): void;
  /** `null`: never, since this node started. */
  lastOf(symbol: string, stage: Stage): number | null;
  /** Symbols that passed the stage at `since` or later. */
  countSince(stage: Stage, since: number): number;
  forget(symbol: string): void;
};

export type Stage = 'posted' | 'accepted' | 'committed' | 'broadcast';

/** As many as the board and a universe can hold together. Callers name no others; this is the net under that. */
const MAX_SYMBOLS = 10_000;

export function createPassages(): Passages {
  const bySymbol = new Map<string, Partial<Record<Stage, number>>>();

  return {
    passed(stage, symbols, at) {
      for (const symbol of symbols) {
        const held = bySymbol.get(symbol);
        if (held) held[stage] = at;
        else if (bySymbol.size < MAX_SYMBOLS) bySymbol.set(symbol, { [stage]: at });
      }
    },
    lastOf: (symbol, stage) => bySymbol.get(symbol)?.[stage] ?? null,
    countSince(stage, since) {
      let count = 0;
      for (const held of bySymbol.values()) if ((held[stage] ?? -Infinity) >= since) count += 1;
      return count;
    },
    forget: (symbol) => void bySymbol.delete(symbol),
  };
}
