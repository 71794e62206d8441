import { HOUR_MS } from '../../kit/clock.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import { createSlices } from '../../kit/slices.ts';
import { ConflictError, UnavailableError } from '../../kit/errors.ts';
import { readPackedHours } from '../history/hourColumns.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import { readHotRanges, readHourRanges } from '../history/ranges.ts';
import { readUsualPast } from '../history/usual.ts';
import { listSymbols } from '../history/symbols.ts';
import { selectPartitionDays } from '../history/partitions.repository.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Universe } from '../universe/universe.ts';
import { selectMethodChanges } from './evaluation.repository.ts';
import { listPossibleHours } from './possibleHours.ts';
import { LEAD_MS, listNeededHours } from './possibleSpans.ts';
import { createHourReader, createTurns, type ReadHours } from './hourReader.ts';
import { createPast } from './replayPast.ts';
import { replaySpans, type Walk } from './replaySpans.ts';
import { createSymbolReplay } from './replaySymbol.ts';
import type { AlertRuleInput, PlainRule, ReplayedFiring, ReplayLine } from './rules.types.ts';

/** Of all users of a node: a replay keeps a connection and a good part of a core busy. */
const AT_ONCE = 2;
/** The others are counted. */
const MOST_LISTED = 5_000;
/** Whose hours are known at once: some ten thousand. */
const SYMBOLS_AT_ONCE = 24;
/** Symbols that are evaluated side by side. */
const WALKS_AT_ONCE = 3;
const PROGRESS_EVERY_MS = 250;
/** Other work of the event loop gets its turn after as long. */
const SLICE_MS = 5;

/** Stored history, and the volumes of today. */
type ReplaySource = { db: Database; universe: Universe };
type Source = ReplaySource & { inTurn: ReturnType<typeof createTurns> };

type Replay = { rule: PlainRule; from: number; to: number };

/** Replays rules over stored history: one at a time a user, a few a node. */
export function createReplays(source: ReplaySource) {
  const running = new Set<string>();
  const inTurn = createTurns();
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
        yield* replayRule({ ...source, inTurn }, replay);
      } finally {
        running.delete(userId);
      }
    },
  };
}

export type Replays = ReturnType<typeof createReplays>;

async function* replayRule(source: Source, replay: Replay): AsyncGenerator<ReplayLine> {
  const { rule, from, to } = replay;
  const symbols = rule.symbols === 'all' ? await listSymbols(source.db, { from, to }) : rule.symbols;
  const total = { firings: 0, symbols: 0, heldBack: 0, evaluated: 0, leftOut: 0, skipped: 0 };
  let listed = 0;
  const progress = (done: number): ReplayLine => {
    return { type: 'progress', done, of: symbols.length, firings: total.firings };
  };
  yield progress(0);
  let saidAt = performance.now();
  let done = 0;
  for await (const { walk, firings, count } of replayInOrder(startWalks(source, symbols, replay))) {
    for (const firing of firings.slice(0, MOST_LISTED - listed)) yield { type: 'firing', firing };
    listed = Math.min(MOST_LISTED, listed + count);
    done += 1;
    total.firings += count;
    if (count > 0) total.symbols += 1;
    const { one, ranges } = walk;
    total.heldBack += one.counts.heldBack;
    total.evaluated += one.counts.evaluated;
    const leftOut = one.counts.leftOut + one.waiting();
    total.leftOut += leftOut;
    total.skipped += Math.max(0, countSamples(ranges, from) - one.counts.evaluated - leftOut);
    if (performance.now() - saidAt < PROGRESS_EVERY_MS) continue;
    saidAt = performance.now();
    yield progress(done);
  }
  yield { type: 'summary', ...total, listed };
}

type Replayed = { walk: Walk; firings: ReplayedFiring[]; count: number };

/** The walks in their order, a few at a time, so that one computes while others wait for what they read. */
async function* replayInOrder(parts: AsyncGenerator<Walk[]>): AsyncGenerator<Replayed> {
  const running: Promise<Replayed>[] = [];
  const state = { isOver: false };
  try {
    for await (const walks of readAhead(parts)) {
      for (const walk of walks) {
        const replayed = replayWalk(walk, state);
        // Its error is met when it is its turn.
        replayed.catch(() => undefined);
        running.push(replayed);
        if (running.length >= WALKS_AT_ONCE) yield await running.shift()!;
      }
    }
    for (const replayed of running) yield await replayed;
  } finally {
    state.isOver = true;
  }
}

async function replayWalk(walk: Walk, state: { isOver: boolean }): Promise<Replayed> {
  const replayed: Replayed = { walk, firings: [], count: 0 };
  for await (const firings of replaySpans(walk)) {
    replayed.count += firings.length;
    if (replayed.firings.length < MOST_LISTED) replayed.firings.push(...firings);
    if (state.isOver) break;
  }
  return replayed;
}

function countSamples(ranges: readonly HourRange[], from: number): number {
  return ranges.reduce((total, { hour, samples }) => (hour >= from ? total + samples : total), 0);
}

/** Some symbols at a time, the hours in which the rule may fire being read. */
async function* startWalks(
  { db, universe, inTurn }: Source,
  symbols: readonly string[],
  replay: Replay,
): AsyncGenerator<Walk[]> {
  const { rule, from, to } = replay;
  const methodChanges = await selectMethodChanges(db);
  const hotDays = new Set(await selectPartitionDays(db));
  const readHours: ReadHours = (wanted) => inTurn(() => readPackedHours(db, { wanted, hotDays }));
  const reader = createHourReader(readHours);
  const pause = createSlices(SLICE_MS);

  function startWalk(symbol: string, ranges: readonly HourRange[]): Walk {
    const volume24h = universe.facts().get(symbol)?.volume24h ?? null;
    const one = createSymbolReplay({ rule, symbol, from, volume24h, methodChanges });
    const past = createPast(ranges, (hours) => readHours(hours.map((hour) => ({ symbol, hour }))));
    const possible = new Set(listPossibleHours(rule, ranges).filter((hour) => hour + HOUR_MS > from));
    const reach = reader.add({ symbol, hours: listNeededHours(rule, ranges, possible), past });
    return { ...replay, ranges, possible, past, one, reach, pause };
  }

  const range = { from: leadOf(rule, from), to };
  const hot = await readHotRanges(db, { symbols, ...range });
  for (let start = 0; start < symbols.length; start += SYMBOLS_AT_ONCE) {
    const part = symbols.slice(start, start + SYMBOLS_AT_ONCE);
    const ranges = await readHourRanges(db, { symbols: part, ...range }, hot);
    const walks = new Map<string, Walk>();
    for (const symbol of part) {
      await pause();
      walks.set(symbol, startWalk(symbol, ranges.get(symbol) ?? []));
    }
    const promising = part.filter((symbol) => walks.get(symbol)!.possible.size > 0);
    const usual = await readUsualPast(db, { symbols: promising, from, to });
    for (const [symbol, usualAt] of usual) walks.get(symbol)!.one.setUsual(usualAt);
    yield [...walks.values()];
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
