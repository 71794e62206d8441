import { HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import { WINDOW_MS } from '../board/windows.shared.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import type { StoredSample } from '../history/samples.repository.ts';
import { createEvenPast, findTurn, isEvenHour, isEvenWindow } from './evenPast.ts';
import { firstFrom, type Points } from './points.ts';
import { firstComparedHour, LEAD_MS, listPossibleSpans, type Span } from './possibleSpans.ts';
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
  /** The hours of the symbol, oldest first. */
  ranges: readonly HourRange[];
  /** Those in which the rule may fire, epoch ms, oldest first. */
  possible: ReadonlySet<number>;
  /** Is called with each hour before it is read. */
  reach: (hour: number) => void;
  past: Past;
  one: SymbolReplay;
  /** Lets other work of the event loop pass, if it is time. */
  pause: () => Promise<void>;
};

type Reached = {
  /** Every sample before it is judged, or cannot change what the rule remembers. */
  doneTo: number;
  /** Samples before it were met one by one. */
  metTo: number;
};

/**
 * The firings of one symbol, some at a time. Only hours in which the rule may fire are read, and those until it is armed
 * again; of them only times and contracts where samples are even (`evenPast.ts`). Where they are not, the spans in which the rule may fire are met
 * sample by sample, with what they are compared with.
 */
export async function* replaySpans(walk: Walk): AsyncGenerator<ReplayedFiring[]> {
  const { rule, from, to, ranges, possible, past, one } = walk;
  const reached: Reached = { doneTo: from, metTo: 0 };
  for (const { hour } of ranges) {
    if (!possible.has(hour) && one.isResting()) continue;
    walk.reach(hour);
    if (Math.max(hour, reached.doneTo) >= Math.min(hour + HOUR_MS, to)) continue;
    const points = await past.pointsOf(firstComparedHour(rule, hour), hour + HOUR_MS);
    if (isEvenHour(rule, points, hour)) yield* judgeEven(walk, reached, hour, points);
    yield* meetSpans(walk, reached, hour, points);
    past.forgetBefore(hour - WINDOW_MS[rule.window] - 2 * HOUR_MS);
    await walk.pause();
  }
  yield one.meetUntil([], to);
}

/** Judges the even samples of an hour that may change what the rule remembers, up to one whose coverage is not even. */
function* judgeEven(
  { rule, to, past, one }: Walk,
  reached: Reached,
  hour: number,
  points: Points,
): Generator<ReplayedFiring[]> {
  // What was stored late is met before what follows.
  yield one.meetUntil([], to);
  const [from, end] = rangeOf(points, Math.max(hour, reached.doneTo), Math.min(hour + HOUR_MS, to));
  const compared = createEvenPastOf(past, points);
  for (let first = from; ;) {
    const turn = findTurn(rule, one.remembered(), points, { first, end });
    one.counts.evaluated += (turn === -1 ? end : turn) - first;
    if (turn === -1) break;
    const ts = points.ts[turn]!;
    if (!isEvenWindow(rule, points, hour)) {
      reached.doneTo = ts;
      return;
    }
    compared.now = turn;
    const firing = one.judge(past.sampleAt(ts), compared);
    if (firing) yield [firing];
    first = turn + 1;
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

/** What even samples are compared with: the one of index `now`. */
function createEvenPastOf(past: Past, points: Points) {
  const even = createEvenPast(points);
  const it = {
    now: 0,
    series: {
      atOrBefore(ts: number): StoredSample | undefined {
        const base = even.baseOf(it.now, ts);
        return base === -1 ? undefined : past.sampleAt(points.ts[base]!);
      },
      after: (from: number) => even.timesAfter(it.now, from),
    },
    isGlitch: () => false,
    everySec: EVEN_SEC,
  };
  return it;
}

/** Meets what is left of an hour: the spans in which the rule may fire, and what follows until it is armed again. */
async function* meetSpans(
  walk: Walk,
  reached: Reached,
  hour: number,
  points: Points,
): AsyncGenerator<ReplayedFiring[]> {
  const end = Math.min(hour + HOUR_MS, walk.to);
  reached.doneTo = Math.max(hour, reached.doneTo);
  if (reached.doneTo >= end) return;
  const spans = listPossibleSpans(walk.rule, points, [hour]);
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
