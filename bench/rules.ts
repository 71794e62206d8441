import { createLastDay } from '../src/openInterest/board/lastDay.ts';
import type { BoardRow } from '../src/openInterest/openInterest.types.ts';
import { readChange } from '../src/openInterest/rules/reading.ts';
import { createRuleBook, type HeldRule } from '../src/openInterest/rules/ruleBook.ts';
import { aRule } from '../test/support/alertRules.ts';

const SYMBOLS = 600;
const RULES = 1_000;
const EVERY_SEC = 10;
const HOURS = 2;
const MEASURED_ROUNDS = 60;
const WINDOWS = ['5m', '15m', '30m', '1h', '4h', '24h'] as const;

const MARKETS = [
  { market: 'calm, 0.1 % a round', step: 0.001 },
  { market: 'moving, 2 % a round', step: 0.02 },
] as const;

/** What a round of all symbols costs the event loop, in a calm and in a moving market. */
export function measureRules() {
  return MARKETS.map(({ market, step }) => ({ market, ...measureMarket(step) }));
}

export function describeRules(figures: ReturnType<typeof measureRules>): string[] {
  return figures.map(
    ({ market, medianMs, worstMs, changes }) =>
      `${RULES} rules × ${SYMBOLS} symbols, ${market}: ${medianMs.toFixed(1)} ms a round (worst ${worstMs.toFixed(1)}), ` +
      `${(medianMs / EVERY_SEC).toFixed(2)} ms a second at a round every ${EVERY_SEC} s; ` +
      `${changes} states changed in ${MEASURED_ROUNDS} rounds`,
  );
}

function measureMarket(step: number): { medianMs: number; worstMs: number; changes: number } {
  const past = createLastDay();
  const book = createRuleBook();
  book.replace(makeRules());
  const values = new Float64Array(SYMBOLS).fill(1_000);
  const rounds = (HOURS * 3_600) / EVERY_SEC;
  const took: number[] = [];
  let changes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const ts = Date.UTC(2026, 10, 20) + round * EVERY_SEC * 1_000;
    const rows = Array.from(values, (value, i) => {
      // Reproducible, different for each symbol, and as likely up as down.
      values[i] = value * (1 + step * Math.sin(round * (i + 1) * 12.9898));
      return aRow(`SYM${i}USDT`, values[i]!, ts);
    });
    for (const row of rows) past.add(row.symbol, row);
    if (round < rounds - MEASURED_ROUNDS) continue;
    const startedAt = performance.now();
    for (const row of rows) {
      const of = {
        row,
        series: past.seriesOf(row.symbol)!,
        usual: null,
        seenAt: ts,
        isUsable: () => true,
      };
      for (const window of book.windows()) {
        const reading = readChange(of, window);
        if (reading) changes += book.judge(reading).length;
      }
    }
    took.push(performance.now() - startedAt);
  }
  const sorted = took.toSorted((a, b) => a - b);
  return { medianMs: sorted[Math.floor(sorted.length / 2)]!, worstMs: sorted.at(-1)!, changes };
}

/** Of all symbols, with thresholds from 1 to 10.9 %. */
function makeRules(): HeldRule[] {
  return Array.from({ length: RULES }, (_, i) => ({
    id: `rule ${i}`,
    userId: `user ${i % 100}`,
    version: 1,
    rule: aRule({
      name: `rule ${i}`,
      window: WINDOWS[i % WINDOWS.length]!,
      direction: 'both',
      thresholdPct: 1 + (i % 100) / 10,
    }),
  }));
}

function aRow(symbol: string, openInterest: number, ts: number): BoardRow {
  const unknown = [null, null, null, null];
  return {
    symbol,
    openInterest,
    openInterestUsd: openInterest * 10,
    markPrice: 10,
    fundingRate: 0.0001,
    ts,
    source: 'realtime',
    everySec: EVERY_SEC,
    volume24h: 1e8,
    d: unknown,
    dUsd: unknown,
    p: unknown,
    seq: 1,
  };
}
