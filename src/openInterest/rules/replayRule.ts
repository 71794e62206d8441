import { DAY_MS, HOUR_MS } from '../../kit/clock.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import { createSlices } from '../../kit/slices.ts';
import { readPackedHours } from '../history/hourColumns.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import { readHotRanges, readHourRanges } from '../history/ranges.ts';
import { readUsualPast, type UsualAt } from '../history/usual.ts';
import { startOf } from '../history/days.ts';
import { selectPartitionDays } from '../history/partitions.repository.ts';
import type { Database } from '../../platform/database/database.ts';
import { selectMethodChanges } from './evaluation.repository.ts';
import { FIRST_STATE, meetsVolume } from './evaluateRule.ts';
import { boundChanges, type HourChanges } from './hourChanges.ts';
import { listNeededHours } from './neededHours.ts';
import { LEAD_MS } from './possibleSpans.ts';
import { createHourReader, type ReadHours } from './hourReader.ts';
import { createPast } from './replayPast.ts';
import { replaySpans, type Walk } from './replaySpans.ts';
import { createSymbolReplay, type SymbolReplay } from './replaySymbol.ts';
import type { AlertRuleInput, PlainRule, ReplayedFiring, ReplayLine } from './rules.types.ts';
import { mayTurn, turnBoundsOf } from './turnBounds.ts';

/** The others are counted. */
const MOST_LISTED = 5_000;
/** Whose hours are known at once: some twenty thousand. */
const SYMBOLS_AT_ONCE = 32;
/** Of the first group, so that the first firings are found soon. */
const FIRST_SYMBOLS = 16;
/** Symbols that are evaluated side by side. */
const WALKS_AT_ONCE = 3;
const PROGRESS_EVERY_MS = 250;
/** The connections are read after as long: without that, statements that are ready would wait. */
const SLICE_MS = 1;

/** What is replayed in [from, to), epoch ms, with the volumes of today. */
export type Replay = { rule: PlainRule; symbols: readonly SymbolOfReplay[]; from: number; to: number };
type SymbolOfReplay = { symbol: string; volume24h: number | null };

/** What the rule would have fired, line by line. */
export async function* replayRule(db: Database, replay: Replay): AsyncGenerator<ReplayLine> {
  const total = { firings: 0, symbols: 0, heldBack: 0, evaluated: 0, leftOut: 0, skipped: 0 };
  const listed = { firings: 0, heldBack: 0 };
  const progress = (done: number): ReplayLine => {
    return { type: 'progress', done, of: replay.symbols.length, firings: total.firings };
  };
  let saidAt = performance.now();
  let done = 0;
  for await (const { one, samples, firings, count } of replayInOrder(startWalks(db, replay))) {
    for (const firing of firings.slice(0, MOST_LISTED - listed.firings)) yield { type: 'firing', firing };
    listed.firings = Math.min(MOST_LISTED, listed.firings + count);
    const crossings = one.heldBack.slice(0, MOST_LISTED - listed.heldBack);
    for (const crossing of crossings) yield { type: 'heldBack', crossing };
    listed.heldBack += crossings.length;
    done += 1;
    total.firings += count;
    if (count > 0) total.symbols += 1;
    total.heldBack += one.counts.heldBack;
    total.evaluated += one.counts.evaluated;
    const leftOut = one.counts.leftOut + one.waiting();
    total.leftOut += leftOut;
    total.skipped += Math.max(0, samples - one.counts.evaluated - leftOut);
    if (performance.now() - saidAt < PROGRESS_EVERY_MS) continue;
    saidAt = performance.now();
    yield progress(done);
  }
  yield { type: 'summary', ...total, listed: listed.firings };
}

/** `samples`: of the symbol in the replayed time. */
type Started = { walk: Walk; samples: number };
type Replayed = { one: SymbolReplay; samples: number; firings: ReplayedFiring[]; count: number };

/** The walks in their order, a few at a time, so that one computes while others wait for what they read. */
async function* replayInOrder(parts: AsyncGenerator<Started[]>): AsyncGenerator<Replayed> {
  const running: Promise<Replayed>[] = [];
  const state = { isOver: false };
  try {
    for await (const walks of readAhead(parts)) {
      for (const started of walks) {
        const replayed = replayWalk(started, state);
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

async function replayWalk({ walk, samples }: Started, state: { isOver: boolean }): Promise<Replayed> {
  const replayed: Replayed = { one: walk.one, samples, firings: [], count: 0 };
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

/** Some symbols at a time, the hours that they need being read. */
async function* startWalks(db: Database, replay: Replay): AsyncGenerator<Started[]> {
  const { rule, symbols, from, to } = replay;
  const methodChanges = await selectMethodChanges(db);
  const hotDays = new Set((await selectPartitionDays(db)).map(startOf));
  const isHot = (hour: number): boolean => hotDays.has(Math.floor(hour / DAY_MS) * DAY_MS);
  const readHours: ReadHours = (wanted) => readPackedHours(db, { wanted, isHot });
  const reader = createHourReader({ readHours, isHot });
  const pause = createSlices(SLICE_MS);

  function startWalk({ symbol, volume24h, changes, samples }: Bounded, usualAt: UsualAt) {
    const one = createSymbolReplay({ rule, symbol, from, volume24h, usualAt, methodChanges });
    const past = createPast(changes, (hours) => readHours(hours.map((hour) => ({ symbol, hour }))));
    const hours = listNeededHours(rule, { changes, usualAt, from });
    return { walk: { ...replay, changes, past, one, pause }, samples, need: { symbol, hours, past } };
  }

  const range = { from: leadOf(rule, from), to };
  const hot = await readHotRanges(db, { symbols: symbols.map((it) => it.symbol), ...range });
  for (let start = 0, end = FIRST_SYMBOLS; start < symbols.length; start = end, end += SYMBOLS_AT_ONCE) {
    const part = symbols.slice(start, end);
    const ranges = await readHourRanges(db, { symbols: part.map((it) => it.symbol), ...range }, hot);
    const bounded: Bounded[] = [];
    for (const it of part) {
      await pause();
      bounded.push(boundSymbol(replay, it, ranges.get(it.symbol) ?? []));
    }
    const promising = bounded.filter((it) => it.changes.length > 0).map((it) => it.symbol);
    const usual = await readUsualPast(db, { symbols: promising, from, to });
    const started: ReturnType<typeof startWalk>[] = [];
    for (const it of bounded) {
      await pause();
      started.push(startWalk(it, usual.get(it.symbol) ?? (() => null)));
    }
    const reaches = reader.addGroup(started.map((it) => it.need));
    yield started.map(({ walk, samples }, i) => ({ walk: { ...walk, reach: reaches[i]! }, samples }));
  }
}

/** A symbol and what its hours allow, none of them where no hour allows a firing; and how many samples it has. */
type Bounded = SymbolOfReplay & { changes: readonly HourChanges[]; samples: number };

function boundSymbol({ rule, from }: Replay, of: SymbolOfReplay, ranges: readonly HourRange[]): Bounded {
  const changes = boundChanges(rule.window, ranges);
  const bounds = turnBoundsOf(rule, FIRST_STATE);
  const mayFire =
    meetsVolume(rule, of.volume24h) && changes.some((it) => it.hour + HOUR_MS > from && mayTurn(it, bounds));
  return { ...of, changes: mayFire ? changes : [], samples: countSamples(ranges, from) };
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
