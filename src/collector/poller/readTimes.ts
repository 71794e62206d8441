/** Who was read when, by the poller's clock. */
export type ReadTimes = {
  note(symbol: string, at: number): void;
  /** Forgets every other symbol. */
  keep(symbols: ReadonlySet<string>): void;
  /** How many symbols were read at or after that moment. */
  countSince(at: number): number;
  /** Of any symbol; `null` before the first. */
  lastAt(): number | null;
};

export function createReadTimes(): ReadTimes {
  const readAt = new Map<string, number>();
  let lastAt: number | null = null;

  return {
    note(symbol, at) {
      lastAt = at;
      readAt.set(symbol, at);
    },
    keep(symbols) {
      for (const symbol of readAt.keys()) if (!symbols.has(symbol)) readAt.delete(symbol);
    },
    countSince: (at) => [...readAt.values()].filter((it) => it >= at).length,
    lastAt: () => lastAt,
  };
}
