import { HOUR_MS } from '../../kit/clock.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import { ConflictError, UnavailableError } from '../../kit/errors.ts';
import { readHourColumns } from '../history/hourColumns.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import { readHourRanges } from '../history/ranges.ts';
import { readUsualPast, type UsualAt } from '../history/usual.ts';
import { listSymbols } from '../history/symbols.ts';
import { selectPartitionDays } from '../history/partitions.repository.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Universe } from '../universe/universe.ts';
import { selectMethodChanges } from './evaluation.repository.ts';
import { listPossibleHours } from './possibleHours.ts';
import { LEAD_MS } from './possibleSpans.ts';
import { createPast } from './replayPast.ts';
import { createReadAhead, replaySpans, type Walk } from './replaySpans.ts';
import { createSymbolReplay } from './replaySymbol.ts';
import type { AlertRuleInput, PlainRule, ReplayLine } from './rules.types.ts';

/** Of all users of a node: a replay keeps a connection and a good part of a core busy. */
const AT_ONCE = 2;
/** The others are counted. */
const MOST_LISTED = 5_000;
/** Whose hours are read at once: rows of a day that a statement aggregates well within its time limit. */
const SYMBOLS_AT_ONCE = 24;
const PROGRESS_EVERY_MS = 250;

/** Stored history, and the volumes of today. */
type ReplaySource = { db: Database; universe: Universe };

type Replay = { rule: PlainRule; from: number; to: number };

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
  const symbols = rule.symbols === 'all' ? await listSymbols(db, { from, to }) : rule.symbols;
  const total = { firings: 0, symbols: 0, heldBack: 0, evaluated: 0, leftOut: 0, skipped: 0 };
  const progress = (done: number): ReplayLine => {
    return { type: 'progress', done, of: symbols.length, firings: total.firings };
  };
  let saidAt = performance.now();
  yield progress(0);
  let done = 0;
  for await (const walk of readAhead(startWalks({ db, universe }, symbols, replay))) {
    const { one, ranges } = walk;
    const before = total.firings;
    for await (const firings of replaySpans(walk)) {
      for (const firing of firings) {
        total.firings += 1;
        if (total.firings <= MOST_LISTED) yield { type: 'firing', firing };
      }
      if (performance.now() - saidAt < PROGRESS_EVERY_MS) continue;
      saidAt = performance.now();
      yield progress(done);
    }
    done += 1;
    if (total.firings > before) total.symbols += 1;
    total.heldBack += one.counts.heldBack;
    total.evaluated += one.counts.evaluated;
    const leftOut = one.counts.leftOut + one.waiting();
    total.leftOut += leftOut;
    total.skipped += Math.max(0, countSamples(ranges, from) - one.counts.evaluated - leftOut);
  }
  yield { type: 'summary', ...total, listed: Math.min(total.firings, MOST_LISTED) };
}

function countSamples(ranges: readonly HourRange[], from: number): number {
  return ranges.reduce((total, { hour, samples }) => (hour >= from ? total + samples : total), 0);
}

/** What is known of a symbol before any of its samples is read. */
type Prospect = {
  symbol: string;
  ranges: readonly HourRange[];
  /** The hours in which the rule may fire. */
  possible: readonly number[];
  usualAt: UsualAt | null;
};

/** Each symbol with its hours, those in which the rule may fire being read. */
async function* startWalks(
  { db, universe }: ReplaySource,
  symbols: readonly string[],
  replay: Replay,
): AsyncGenerator<Walk> {
  const { rule, from } = replay;
  const methodChanges = await selectMethodChanges(db);
  const hotDays = new Set(await selectPartitionDays(db));
  for await (const prospects of readAhead(readProspects(db, symbols, replay))) {
    for (const { symbol, ranges, possible, usualAt } of prospects) {
      const volume24h = universe.facts().get(symbol)?.volume24h ?? null;
      const one = createSymbolReplay({ rule, symbol, from, volume24h, methodChanges });
      if (usualAt) one.setUsual(usualAt);
      const past = createPast(ranges, (hours) => readHourColumns(db, { symbol, hours, hotDays }));
      const ahead = createReadAhead(rule, possible, past);
      yield { ...replay, ranges, past, one, ahead };
    }
  }
}

async function* readProspects(
  db: Database,
  symbols: readonly string[],
  { rule, from, to }: Replay,
): AsyncGenerator<Prospect[]> {
  for (let start = 0; start < symbols.length; start += SYMBOLS_AT_ONCE) {
    const part = symbols.slice(start, start + SYMBOLS_AT_ONCE);
    const ranges = await readHourRanges(db, { symbols: part, from: leadOf(rule, from), to });
    const prospects = part.map((symbol): Prospect => {
      const of = ranges.get(symbol) ?? [];
      const possible = listPossibleHours(rule, of).filter((hour) => hour + HOUR_MS > from);
      return { symbol, ranges: of, possible, usualAt: null };
    });
    const promising = prospects.filter((it) => it.possible.length > 0).map((it) => it.symbol);
    const usual = await readUsualPast(db, { symbols: promising, from, to });
    yield prospects.map((it) => ({ ...it, usualAt: usual.get(it.symbol) ?? null }));
  }
}

/** Asks for the next item while the last one is used. */
async function* readAhead<Item>(source: AsyncGenerator<Item>): AsyncGenerator<Item> {
  let next = source.next();
  try {
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = source.next();
      // Its error is met when it is its turn.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await source.return(undefined);
  }
}

/** From where on samples are compared with those after `at`. */
function leadOf({ window }: AlertRuleInput, at: number): number {
  return at - WINDOW_MS[window] - LEAD_MS;
}
