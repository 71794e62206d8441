export type ReadTimes = ReturnType<typeof createReadTimes>;

/** Who was read when, by the poller's clock. */
export function createReadTimes() {
  const readAt = new Map<string, number>();
  let lastAt: number | null = null;

  return {
    note(symbol: string, at: number): void {
      lastAt = at;
      readAt.set(symbol, at);
    },
    /** Forgets every other symbol. */
    keep(symbols: ReadonlySet<string>): void {
      for (const symbol of readAt.keys()) if (!symbols.has(symbol)) readAt.delete(symbol);
    },
    /** How many symbols were read at or after that moment. */
    countSince: (at: number) => [...readAt.values()].filter((it) => it >= at).length,
    /** Of any symbol; `null` before the first. */
    lastAt: () => lastAt,
  };
}
