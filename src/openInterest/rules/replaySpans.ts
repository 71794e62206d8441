import { WINDOW_MS } from '../board/windows.shared.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { openHours, readHourColumns, type HourColumns } from '../history/hourColumns.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import type { StoredSample } from '../history/samples.repository.ts';
import { readUsualPast } from '../history/usual.ts';
import { listPossibleHours } from './possibleHours.ts';
import { listComparedHours, listPossibleSpans } from './possibleSpans.ts';
import type { SymbolReplay } from './replaySymbol.ts';
import type { AlertRuleInput, ReplayedFiring } from './rules.types.ts';

/** Possible hours that are read and searched at once: some milliseconds. */
const HOURS_AT_ONCE = 12;
/** How far the evaluation goes on at once until the rule is armed again. */
const STEP_MS = 10 * MINUTE_MS;
/** Evaluated in a few milliseconds; other work of the event loop gets its turn afterwards. */
const SAMPLES_AT_ONCE = 500;

type ReplayOf = {
  rule: AlertRuleInput;
  from: number;
  to: number;
  symbol: string;
  /** The hours of the symbol, oldest first. */
  ranges: readonly HourRange[];
  /** Days that have partitions. */
  hotDays: readonly string[];
};

/**
 * The firings of one symbol, some at a time. Of hours in which the rule may fire only times and contracts are decoded;
 * evaluated are the spans in which it may fire, with what they are compared with, and what follows until the rule is armed
 * again.
 */
export async function* replaySpans(
  db: Database,
  one: SymbolReplay,
  of: ReplayOf,
): AsyncGenerator<ReplayedFiring[]> {
  const { rule, from, to, ranges } = of;
  const past = createPast(db, of);
  const possible = listPossibleHours(rule, ranges).filter((hour) => hour + HOUR_MS > from);
  if (possible.length > 0)
    one.setUsual(await readUsualPast(db, { symbol: of.symbol, from: possible[0]!, to }));
  let readTo = 0;
  for (let at = 0; at < possible.length; at += HOURS_AT_ONCE) {
    const hours = possible.slice(at, at + HOURS_AT_ONCE);
    const columns = await past.columnsOf(listComparedHours(rule, hours));
    for (const span of listPossibleSpans(rule, columns, hours)) {
      const end = Math.min(to, span.to);
      if (end <= Math.max(from, readTo)) continue;
      let begin = readTo;
      if (span.from > readTo) {
        // Samples of before that were stored late are met before those of after the gap.
        yield one.meetUntil([], span.from);
        one.evaluateFrom(Math.max(from, span.from));
        begin = Math.max(readTo, span.from - WINDOW_MS[rule.window] - span.leadMs);
      }
      for (readTo = end; ; readTo = Math.min(to, past.skipGap(readTo) + STEP_MS)) {
        yield* meet(one, await past.samplesOf(begin, readTo), readTo);
        if (one.isArmed() || readTo >= to) break;
        begin = readTo;
      }
    }
    past.forgetBefore(Math.max(readTo, hours.at(-1)!) - WINDOW_MS[rule.window] - 2 * HOUR_MS);
    await nextTurn();
  }
  yield one.meetUntil([], to);
}

async function* meet(
  one: SymbolReplay,
  samples: readonly StoredSample[],
  to: number,
): AsyncGenerator<ReplayedFiring[]> {
  for (let at = 0; at < samples.length; at += SAMPLES_AT_ONCE) {
    const part = samples.slice(at, at + SAMPLES_AT_ONCE);
    yield one.meetUntil(part, Math.min(to, part.at(-1)!.ts + 1));
    if (samples.length > SAMPLES_AT_ONCE) await nextTurn();
  }
  yield one.meetUntil([], to);
}

/** The hours of a symbol that were read last. */
function createPast(db: Database, { symbol, ranges, hotDays }: ReplayOf) {
  const known = new Set(ranges.map((it) => it.hour));
  const held = new Map<number, { columns: HourColumns[]; samples: StoredSample[] | null }>();

  async function read(hours: readonly number[]): Promise<void> {
    const missing = hours.filter((hour) => known.has(hour) && !held.has(hour));
    for (const hour of missing) held.set(hour, { columns: [], samples: null });
    for (const column of await readHourColumns(db, { symbol, hours: missing, hotDays })) {
      held.get(column.hour)!.columns.push(column);
    }
  }

  return {
    async columnsOf(hours: readonly number[]): Promise<HourColumns[]> {
      await read(hours);
      return hours.flatMap((hour) => held.get(hour)?.columns ?? []);
    },
    /** Samples in [from, to), epoch ms, oldest first. */
    async samplesOf(from: number, to: number): Promise<StoredSample[]> {
      const hours: number[] = [];
      for (let hour = Math.floor(from / HOUR_MS) * HOUR_MS; hour < to; hour += HOUR_MS) hours.push(hour);
      await read(hours);
      return hours.flatMap((hour) => {
        const of = held.get(hour);
        if (!of) return [];
        of.samples ??= openHours(of.columns);
        return of.samples.filter(({ ts }) => ts >= from && ts < to);
      });
    },
    /** `at`, or the beginning of the next hour with a sample where that of `at` has none. */
    skipGap(at: number): number {
      const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
      return known.has(hour) ? at : Math.max(at, ranges.find((it) => it.hour > at)?.hour ?? Infinity);
    },
    forgetBefore(before: number): void {
      for (const hour of held.keys()) if (hour < before) held.delete(hour);
    },
  };
}
