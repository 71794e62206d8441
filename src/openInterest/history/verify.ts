import { coerceError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import { describeKey, summarise, unpackBlock, type HourBlock } from './blocks.ts';
import { DAY_MS } from '../../kit/clock.ts';
import {
  selectColdAccount,
  selectColdSymbolAfter,
  selectHours,
  selectOptionalColdSpan,
} from './hours.repository.ts';
import { dayOf } from './days.ts';

type VerifyReport = {
  blocks: number;
  samples: number;
  /** One sentence each: blocks that cannot be read or contradict their candle, days that contradict their account. */
  faults: string[];
};

/** Decodes every block and compares it with its candle, and the sums of each day with its account. */
export async function verifyHours(
  db: Database,
  onSymbol: (symbol: string, report: VerifyReport) => void = () => undefined,
): Promise<VerifyReport> {
  const report: VerifyReport = { blocks: 0, samples: 0, faults: [] };
  const samplesByDay = new Map<string, number>();
  for (let symbol = await selectColdSymbolAfter(db, ''); symbol !== null;) {
    const span = await selectOptionalColdSpan(db, symbol);
    for (let from = span?.first ?? 0; span && from <= span.last; from += DAY_MS) {
      for (const block of await selectHours(db, { symbol, from, to: from + DAY_MS })) {
        report.blocks += 1;
        report.samples += block.samples;
        const day = dayOf(block.hour);
        samplesByDay.set(day, (samplesByDay.get(day) ?? 0) + block.samples);
        const fault = findFault(block);
        if (fault !== null) report.faults.push(fault);
      }
    }
    onSymbol(symbol, report);
    symbol = await selectColdSymbolAfter(db, symbol);
  }
  for (const { day, samples } of await selectColdAccount(db)) {
    const found = samplesByDay.get(day) ?? 0;
    if (found !== samples) report.faults.push(`${day} has ${found} samples, its account says ${samples}`);
  }
  return report;
}

function findFault(block: HourBlock): string | null {
  try {
    const samples = unpackBlock(block);
    if (samples.length === 0) return `block ${describeKey(block)} is empty`;
    const {
      symbol: _symbol,
      hour: _hour,
      source: _source,
      codec: _codec,
      payload: _payload,
      ...candle
    } = block;
    const found = summarise(samples);
    return JSON.stringify(candle) === JSON.stringify(found)
      ? null
      : `block ${describeKey(block)} contradicts its candle: ${JSON.stringify(candle)}, decoded ${JSON.stringify(found)}`;
  } catch (thrown) {
    const { message, cause } = coerceError(thrown);
    return cause === undefined ? message : `${message}: ${coerceError(cause).message}`;
  }
}
