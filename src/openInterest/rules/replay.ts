import { setImmediate as nextTurn } from 'node:timers/promises';
import { HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import { ConflictError, UnavailableError } from '../../kit/errors.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import { readHourRanges } from '../history/ranges.ts';
import { listSymbols } from '../history/symbols.ts';
import { streamSamples } from '../history/tiers.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Universe } from '../universe/universe.ts';
import { selectMethodChanges } from './evaluation.repository.ts';
import { listPossibleHours } from './possibleHours.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import { createSymbolReplay, type SymbolReplay } from './replaySymbol.ts';
import type { AlertRuleInput, ReplayedFiring, ReplayLine } from './rules.types.ts';

/** Of all users of a node: a replay keeps a connection and a good part of a core busy. */
const AT_ONCE = 2;
/** The others are counted. */
const MOST_LISTED = 5_000;
/** Before the window of the first sample that is evaluated, so that it has its base and its pace. */
const LEAD_MS = 40 * MINUTE_MS;
/** Evaluated in a few milliseconds; other work of the event loop gets its turn afterwards. */
const SAMPLES_AT_ONCE = 500;
/** Whose hours are read at once: rows of a day that a statement aggregates well within its time limit. */
const SYMBOLS_AT_ONCE = 5;
const PROGRESS_EVERY_MS = 250;

/** Stored history, and the volumes of today. */
type ReplaySource = { db: Database; universe: Universe };

type Replay = { rule: AlertRuleInput; from: number; to: number };

/** Replays rules over stored history: one at a time a user, a few a node. */
export function createReplays(source: ReplaySource) {
  const running = new Set<string>();
  return {
    /** What the rule would have fired, line by line. Ends with its reader. Throws 409 or 503 at its first line. */
    async *run(userId: string, replay: Replay): AsyncGenerator<ReplayLine> {
      if (running.has(userId)) {
        throw new ConflictError(
          'replay_running',
          'A replay is running for you; wait for its end, or close its connection',
        );
      }
      if (running.size >= AT_ONCE) {
        throw new UnavailableError('replays_busy', 'Replays of other users are running; try again');
      }
      running.add(userId);
      try {
        yield* replayRule(source, replay);
      } finally {
        running.delete(userId);
      }
    },
  };
}

export type Replays = ReturnType<typeof createReplays>;

async function* replayRule({ db, universe }: ReplaySource, replay: Replay): AsyncGenerator<ReplayLine> {
  const { rule, from, to } = replay;
  const methodChanges = await selectMethodChanges(db);
  const symbols = rule.symbols === 'all' ? await listSymbols(db, { from, to }) : rule.symbols;
  const total = { firings: 0, symbols: 0, heldBack: 0, evaluated: 0, leftOut: 0, skipped: 0 };
  const progress = (done: number): ReplayLine => {
    return { type: 'progress', done, of: symbols.length, firings: total.firings };
  };
  let saidAt = performance.now();
  yield progress(0);
  for await (const [i, symbol, ranges] of readRangesOfEach(db, symbols, replay)) {
    const before = total.firings;
    const volume24h = universe.facts().get(symbol)?.volume24h ?? null;
    const one = createSymbolReplay({ rule, symbol, from, volume24h, methodChanges });
    const counts = { skipped: 0 };
    for await (const firings of replayHours(db, one, { ...replay, symbol, ranges, counts })) {
      for (const firing of firings) {
        total.firings += 1;
        if (total.firings <= MOST_LISTED) yield { type: 'firing', firing };
      }
      if (performance.now() - saidAt < PROGRESS_EVERY_MS) continue;
      saidAt = performance.now();
      yield progress(i);
    }
    if (total.firings > before) total.symbols += 1;
    total.heldBack += one.counts.heldBack;
    total.evaluated += one.counts.evaluated;
    total.leftOut += one.counts.leftOut + one.waiting();
    total.skipped += counts.skipped;
  }
  yield { type: 'summary', ...total, listed: Math.min(total.firings, MOST_LISTED) };
}

/** Each symbol with its index and its hours. */
async function* readRangesOfEach(
  db: Database,
  symbols: readonly string[],
  { rule, from, to }: Replay,
): AsyncGenerator<[number, string, readonly HourRange[]]> {
  for (let start = 0; start < symbols.length; start += SYMBOLS_AT_ONCE) {
    const part = symbols.slice(start, start + SYMBOLS_AT_ONCE);
    const ranges = await readHourRanges(db, { symbols: part, from: leadOf(rule, from), to });
    for (const [i, symbol] of part.entries()) yield [start + i, symbol, ranges.get(symbol) ?? []];
  }
}

/**
 * The firings of one symbol, some hours at a time. Only hours in which the rule may fire are read, with what they are
 * compared with, and those that follow until the rule is armed again.
 */
async function* replayHours(
  db: Database,
  one: SymbolReplay,
  of: Replay & { symbol: string; ranges: readonly HourRange[]; counts: { skipped: number } },
): AsyncGenerator<ReplayedFiring[]> {
  const { rule, from, to, symbol, ranges, counts } = of;
  const possible = listPossibleHours(rule, ranges);
  // Samples of an hour's end are stored in the next one.
  const wanted = new Set(possible.flatMap((hour) => [hour, hour + HOUR_MS]));
  let readTo = 0;
  for (let i = 0; i < ranges.length; i += 1) {
    const { hour, samples } = ranges[i]!;
    if (hour + HOUR_MS <= from) continue;
    if (!wanted.has(hour) && one.isArmed()) {
      counts.skipped += samples;
      continue;
    }
    while (ranges[i + 1]?.hour === ranges[i]!.hour + HOUR_MS && wanted.has(ranges[i + 1]!.hour)) i += 1;
    if (hour > readTo) {
      // Samples of before that were stored late are met before those of after the gap.
      yield one.meetUntil([], hour);
      one.evaluateFrom(Math.max(from, hour));
    }
    const end = Math.min(to, ranges[i]!.hour + HOUR_MS);
    const unread = { symbol, from: Math.max(readTo, leadOf(rule, hour)), to: end };
    for await (const read of streamSamples(db, unread)) {
      for (let at = 0; at < read.length; at += SAMPLES_AT_ONCE) {
        const part = read.slice(at, at + SAMPLES_AT_ONCE);
        yield one.meetUntil(part, Math.min(to, part.at(-1)!.ts + 1));
        await nextTurn();
      }
    }
    readTo = end;
  }
  yield one.meetUntil([], to);
}

/** From where on samples are compared with those after `at`. */
function leadOf({ window }: AlertRuleInput, at: number): number {
  return at - WINDOW_MS[window] - LEAD_MS;
}
