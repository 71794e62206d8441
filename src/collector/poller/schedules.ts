/** What a policy divides: the requests of one even sweep in the time of one even sweep. */
type ScheduleInput = {
  symbols: readonly string[];
  /** Between two requests for a symbol if all symbols were requested equally often. */
  evenIntervalMs: number;
  /** No symbol is requested more often than this. */
  minIntervalMs: number;
  /** A symbol's importance relative to the others: 1 is usual. */
  attentionOf: (symbol: string) => number;
};

/** The interval of each symbol; pure. In total no more requests than with even intervals. */
export type SchedulePolicy = (input: ScheduleInput) => ReadonlyMap<string, number>;

/** Every symbol equally often. */
export function evenSchedule({ symbols, evenIntervalMs, minIntervalMs }: ScheduleInput): Map<string, number> {
  const intervalMs = Math.max(evenIntervalMs, minIntervalMs);
  return new Map(symbols.map((symbol) => [symbol, intervalMs]));
}

/**
 * The part of the budget that is divided evenly, so that no symbol waits longer than one and a half even intervals. Measured: spending
 * more by attention gains less than a tenth of a second on spikes and costs half a one of mean age (docs/decisions/0010-poll-budget.md).
 */
const EVEN_SHARE = 2 / 3;

/**
 * The same number of requests, where they matter most. The attention-weighted age of what is known is least when the
 * request rate is proportional to the square root of attention (the sum of w·T/2 under a fixed sum of 1/T is least where
 * T ~ 1/√w). Part of the budget is divided evenly all the same, so that quiet symbols are not neglected, and what exceeds
 * a symbol's minimum interval goes to the others.
 */
export function attentionSchedule(input: ScheduleInput): Map<string, number> {
  const { symbols, attentionOf, minIntervalMs } = input;
  if (symbols.length === 0) return new Map();
  const evenIntervalMs = Math.max(input.evenIntervalMs, minIntervalMs);
  const evenRate = EVEN_SHARE / evenIntervalMs;
  const extraRates = divide({
    total: (symbols.length * (1 - EVEN_SHARE)) / evenIntervalMs,
    most: 1 / minIntervalMs - evenRate,
    shares: symbols.map((symbol) => Math.sqrt(Math.max(0, attentionOf(symbol)))),
  });
  return new Map(symbols.map((symbol, i) => [symbol, 1 / (evenRate + extraRates[i]!)]));
}

/** Divides `total` in proportion to the shares, at most `most` each; the excess goes to the others. */
function divide({ total, most, shares }: { total: number; most: number; shares: number[] }): number[] {
  const given = shares.map(() => 0);
  let left = total;
  // Each round but the last reaches the limit of a share, so there are at most as many rounds as shares.
  for (let open = shares.map((_, i) => i); open.length > 0;) {
    const sum = open.reduce((all, i) => all + shares[i]!, 0);
    const part = (i: number) => (sum > 0 ? (left * shares[i]!) / sum : left / open.length);
    const full = open.filter((i) => part(i) >= most);
    if (full.length === 0) {
      for (const i of open) given[i] = part(i);
      break;
    }
    for (const i of full) given[i] = most;
    left = Math.max(0, left - most * full.length);
    open = open.filter((i) => !full.includes(i));
  }
  return given;
}
