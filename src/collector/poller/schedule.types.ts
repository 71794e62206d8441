/** What a policy divides: the requests of one even sweep in the time of one even sweep. */
export type ScheduleInput = {
  symbols: readonly string[];
  /** Between two requests for one symbol if every symbol were asked equally often. */
  evenIntervalMs: number;
  /** Nobody is asked more often than this. */
  minIntervalMs: number;
  /** How much a symbol deserves to be asked, against the others: 1 is usual. Only policies that care look at it. */
  attentionOf: (symbol: string) => number;
};

/**
 * Says how often each symbol is asked: pure, the same input gives the same answer. Together the symbols are asked no
 * more often than evenly.
 */
export type SchedulePolicy = (input: ScheduleInput) => ReadonlyMap<string, number>;
