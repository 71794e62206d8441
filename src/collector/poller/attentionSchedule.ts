import type { ScheduleInput } from './schedule.types.ts';

/**
 * What everybody gets whatever happens, so that nobody waits longer than one and a half even intervals. Measured: spending
 * more by attention gains less than a tenth of a second on spikes and costs half a one of mean age (docs/decisions/0010-poll-budget.md).
 */
const EVEN_SHARE = 2 / 3;

/**
 * The same requests, spent where they tell most. To make the attention-weighted age of what is known as small as it can
 * be, a symbol must be asked in proportion to the square root of its attention (the sum of w·T/2 under a fixed sum of 1/T
 * is least where T ~ 1/√w). A part of the budget is divided evenly all the same, so that what is quiet is not forgotten,
 * and what one symbol may not use, because nobody is asked too often, goes to the others.
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

/** Divides `total` in proportion to the shares, nobody getting more than `most`; what is over goes to the others. */
function divide({ total, most, shares }: { total: number; most: number; shares: number[] }): number[] {
  const given = shares.map(() => 0);
  let left = total;
  // Each round but the last fills somebody up, so there are at most as many rounds as shares.
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
