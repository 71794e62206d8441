import { HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import type { StoredSample } from '../history/samples.repository.ts';
import { evenTimes, findEvenBase, findTurn, isEvenHour, isEvenWindow, type Compared } from './evenPast.ts';
import type { HourChanges } from './hourChanges.ts';
import { firstFrom, type Points } from './points.ts';
import { comparedHours, LEAD_MS, listPossibleSpans, neededHours, type Span } from './possibleSpans.ts';
import type { Past } from './replayPast.ts';
import type { SymbolReplay } from './replaySymbol.ts';
import type { AlertRuleInput, ReplayedFiring } from './rules.types.ts';

/** How far the evaluation of uneven samples goes on at once until the rule is armed again. */
const STEP_MS = 10 * MINUTE_MS;
/** Evaluated in a few milliseconds. */
const SAMPLES_AT_ONCE = 500;
/** Of even samples; any pace below a minute gives the same readings. */
const EVEN_SEC = 30;

export type Walk = {
  rule: AlertRuleInput;
  from: number;
  to: number;
  /** What the hours of the symbol allow, oldest first. */
  changes: readonly HourChanges[];
  /** Is called with each hour before it is read. */
  reach: (hour: number) => void;
  past: Past;
  one: SymbolReplay;
  /** Lets other work of the event loop pass, if it is time. */
  pause: () => Promise<void>;
};

type ReadPoints = ReturnType<Past['follow']>;

type Reached = {
  /** Every sample before it is judged, or cannot change what the rule remembers. */
  doneTo: number;
  /** Samples before it were met one by one. */
  metTo: number;
};

/**
 * The firings of one symbol, some at a time. Only hours in which what the rule remembers may change are read, with their bases;
 * of them only times and contracts where samples are even (`evenPast.ts`), and whole windows where the rule fires. Where
 * samples are not even, the spans in which the rule may fire are met sample by sample, with what they are compared with.
 */
export async function* replaySpans(walk: Walk): AsyncGenerator<ReplayedFiring[]> {
  const { rule, from, to, changes, past, one } = walk;
  const reached: Reached = { doneTo: from, metTo: 0 };
  const [readNow, readBases, readWhole] = [past.follow(), past.follow(), past.follow()];
  for (const of of changes) {
    const { hour } = of;
    if (Math.max(hour, reached.doneTo) >= Math.min(hour + HOUR_MS, to) || !one.mayTurn(of)) continue;
    walk.reach(hour);
    const needed = neededHours(rule.window, hour);
    const now = await readNow(needed.now);
    const compared = { now, bases: needed.bases === null ? now : await readBases(needed.bases) };
    if (isEvenHour(rule.window, compared, hour))
      yield* judgeEven(walk, reached, hour, { ...compared, readWhole });
    yield* meetSpans(walk, reached, hour, compared);
    past.forgetBefore(hour - WINDOW_MS[rule.window] - 2 * HOUR_MS);
    await walk.pause();
  }
  past.forgetBefore((changes.at(-1)?.hour ?? 0) + HOUR_MS);
  yield one.meetUntil([], to);
}

/** Judges the even samples of an hour that may change what the rule remembers, up to one whose coverage is not even. */
async function* judgeEven(
  { rule, to, past, one }: Walk,
  reached: Reached,
  hour: number,
  { readWhole, ...compared }: Compared & { readWhole: ReadPoints },
): AsyncGenerator<ReplayedFiring[]> {
  // What was stored late is met before what follows.
  yield one.meetUntil([], to);
  const { now, bases } = compared;
  const [from, end] = rangeOf(now, Math.max(hour, reached.doneTo), Math.min(hour + HOUR_MS, to));
  /** Is read for the first sample that may fire. */
  let whole: Points | null = bases === now ? now : null;
  const mayFire = (i: number, base: number): boolean =>
    one.mayFire(past.sampleAt(now.ts[i]!), past.sampleAt(bases.ts[base]!));
  for (let first = from; ;) {
    const turn = findTurn(rule.window, one.boundsIn(hour), compared, { first, end, mayFire });
    one.counts.evaluated += (turn?.at ?? end) - first;
    if (turn === null) break;
    const ts = now.ts[turn.at]!;
    if (Math.abs(turn.changePct) >= rule.thresholdPct) {
      whole ??= await readWhole(comparedHours(rule.window, hour));
      if (!isEvenWindow(rule.window, whole, hour)) {
        reached.doneTo = ts;
        return;
      }
    }
    const firing = one.judge(past.sampleAt(ts), createEvenPast(past, { bases, whole: whole ?? now, ts }));
    if (firing) yield [firing];
    first = turn.at + 1;
  }
  reached.doneTo = Math.min(hour + HOUR_MS, to);
}

/** The indices of the even samples in [from, to) that were stored before `to`: the first, and that after the last. */
function rangeOf({ ts, createdAt }: Points, from: number, to: number): [number, number] {
  const first = firstFrom(ts, from);
  let end = firstFrom(ts, to);
  while (end > first && createdAt[end - 1]! >= to) end -= 1;
  return [first, end];
}

/** What the even sample of `ts`, epoch ms, is compared with. */
function createEvenPast(past: Past, { bases, whole, ts }: { bases: Points; whole: Points; ts: number }) {
  return {
    series: {
      atOrBefore(start: number): StoredSample | undefined {
        const base = findEvenBase(bases, start, ts);
        return base === -1 ? undefined : past.sampleAt(bases.ts[base]!);
      },
      timesAfter: (from: number) => evenTimes(whole, from, ts),
    },
    isGlitch: () => false,
    everySec: EVEN_SEC,
  };
}

/** Meets what is left of an hour: the spans in which the rule may fire, and what follows until it is armed again. */
async function* meetSpans(
  walk: Walk,
  reached: Reached,
  hour: number,
  compared: Compared,
): AsyncGenerator<ReplayedFiring[]> {
  const end = Math.min(hour + HOUR_MS, walk.to);
  reached.doneTo = Math.max(hour, reached.doneTo);
  if (reached.doneTo >= end) return;
  const spans = listPossibleSpans(walk.rule, compared, hour);
  while (reached.doneTo < end) {
    const at = reached.doneTo;
    const span = walk.one.isResting()
      ? spans.find((it) => it.to > at)
      : { from: at, to: Math.min(at + STEP_MS, end), leadMs: LEAD_MS };
    if (span) yield* meetSpan(walk, reached, span);
    else reached.doneTo = end;
  }
}

async function* meetSpan(
  { rule, from, to, past, one, pause }: Walk,
  reached: Reached,
  span: Span,
): AsyncGenerator<ReplayedFiring[]> {
  const start = Math.max(reached.doneTo, span.from);
  const end = Math.min(to, span.to);
  let begin = reached.metTo;
  if (start > reached.metTo) {
    // Samples of before that were stored late are met before those of after the gap.
    yield one.meetUntil([], start);
    one.evaluateFrom(Math.max(from, start));
    begin = Math.max(reached.metTo, start - WINDOW_MS[rule.window] - span.leadMs);
  }
  const samples = await past.samplesOf(begin, end);
  for (let at = 0; at < samples.length; at += SAMPLES_AT_ONCE) {
    const part = samples.slice(at, at + SAMPLES_AT_ONCE);
    yield one.meetUntil(part, Math.min(end, part.at(-1)!.ts + 1));
    await pause();
  }
  yield one.meetUntil([], end);
  reached.metTo = end;
  reached.doneTo = end;
}
