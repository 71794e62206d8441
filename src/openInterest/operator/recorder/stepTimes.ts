/** Named in a chunk; its item was valid; stored as the symbol's newest sample; carried by a published window. */
export type SampleStep = 'posted' | 'accepted' | 'committed' | 'broadcast';

/** As many as the board and a universe can have together. Callers pass no others; this is only the upper bound. */
const MAX_SYMBOLS = 10_000;

/** When each symbol last passed each step on this node. Comparing steps shows where symbols are lost; chunk totals cannot. */
export function createStepTimes() {
  const bySymbol = new Map<string, Partial<Record<SampleStep, number>>>();

  return {
    mark(step: SampleStep, symbols: Iterable<string>, at: number): void {
      for (const symbol of symbols) {
        const times = bySymbol.get(symbol);
        if (times) times[step] = at;
        else if (bySymbol.size < MAX_SYMBOLS) bySymbol.set(symbol, { [step]: at });
      }
    },
    /** Epoch ms; `null`: never since this node started. */
    lastOf: (symbol: string, step: SampleStep): number | null => bySymbol.get(symbol)?.[step] ?? null,
    /** Symbols that passed the step at `since` or later. */
    countSince(step: SampleStep, since: number): number {
      let count = 0;
      for (const times of bySymbol.values()) if ((times[step] ?? -Infinity) >= since) count += 1;
      return count;
    },
    forget: (symbol: string): void => void bySymbol.delete(symbol),
  };
}

export type StepTimes = ReturnType<typeof createStepTimes>;
