/** What the poller tells of itself: who was read when, and what did not come. */
export type Counts = {
  read(symbol: string, at: number): void;
  failed(symbol: string, at: number): void;
  /** The exchange had nothing newer. */
  unchanged(): void;
  /** Forgets every other symbol. */
  keep(symbols: ReadonlySet<string>): void;
  /** How many symbols were read at or after that moment. */
  readSince(at: number): number;
  lastReadAt(): number | null;
  /** The clock was set back by so much, and is at `now`: what seems to come is as long ago as before. */
  moveBack(byMs: number, now: number): void;
  totals(): { read: number; failed: number; unchanged: number };
};

export function createCounts(): Counts {
  const readAt = new Map<string, number>();
  const totals = { read: 0, failed: 0, unchanged: 0 };
  let lastReadAt: number | null = null;

  return {
    read(symbol, at) {
      totals.read += 1;
      lastReadAt = at;
      readAt.set(symbol, at);
    },
    failed() {
      totals.failed += 1;
    },
    unchanged() {
      totals.unchanged += 1;
    },
    keep(symbols) {
      for (const symbol of readAt.keys()) if (!symbols.has(symbol)) readAt.delete(symbol);
    },
    readSince: (at) => [...readAt.values()].filter((it) => it >= at).length,
    lastReadAt: () => lastReadAt,
    moveBack(byMs, now) {
      for (const [symbol, at] of readAt) if (at > now) readAt.set(symbol, at - byMs);
      if (lastReadAt !== null && lastReadAt > now) lastReadAt -= byMs;
    },
    totals: () => ({ ...totals }),
  };
}
