import { HOUR_MS, SECOND_MS } from '../../kit/clock.ts';
import { createLastDay, type LastDay } from '../board/lastDay.ts';
import type { Series } from '../board/series.ts';
import { mergeSample } from '../board/merge.ts';
import { firstPace, nextPace, type Pace } from '../board/pace.ts';
import type { UsualAt } from '../history/usual.ts';
import type { StoredSample } from '../history/samples.repository.ts';
import { FIRST_STATE, evaluateRule, meetsConditions, type RuleState } from './evaluateRule.ts';
import { createMethodGuard, type MethodGuard } from './methodGuard.ts';
import { isQuiet } from './quietHours.ts';
import { evidenceOf, readChange, readingBetween, type PastTimes } from './reading.ts';
import type { HourChanges } from './hourChanges.ts';
import type { AlertRuleInput, ReplayedFiring, StoredMethodChange } from './rules.types.ts';
import { mayTurn, turnBoundsIn, turnBoundsOf, type TurnBounds } from './turnBounds.ts';

type ReplayOf = {
  rule: AlertRuleInput;
  symbol: string;
  /** Samples before it are compared with, and not evaluated; epoch ms. */
  from: number;
  volume24h: number | null;
  /** How the symbol usually changed, from the first evaluated sample on. */
  usualAt: UsualAt;
  methodChanges: readonly StoredMethodChange[];
};

/** The others are counted. */
const MOST_HELD_BACK = 1_000;

/** What a sample is compared with. */
type PastOfSample = {
  series: Pick<Series, 'atOrBefore'> & PastTimes;
  isGlitch: (ts: number) => boolean;
  everySec: number;
};

type SymbolState = Omit<ReplayOf, 'from'> & {
  from: number;
  readonly past: LastDay;
  readonly guard: MethodGuard;
  readonly counts: { evaluated: number; leftOut: number; heldBack: number };
  readonly heldBack: ReplayedFiring[];
  remembered: RuleState;
  newest: { sample: StoredSample; pace: Pace } | null;
  /** Samples that were stored after the time that is reached. */
  later: StoredSample[];
};

/**
 * One symbol's samples as the evaluating node met them: in the order in which they were stored, late ones and backfill
 * into the past that later ones are compared with.
 */
export function createSymbolReplay(of: ReplayOf) {
  const it: SymbolState = {
    ...of,
    past: createLastDay(),
    guard: createMethodGuard(),
    counts: { evaluated: 0, leftOut: 0, heldBack: 0 },
    heldBack: [],
    remembered: FIRST_STATE,
    newest: null,
    later: [],
  };
  const boundsIn = (hour: number): TurnBounds =>
    turnBoundsIn(hour, { rule: it.rule, state: it.remembered, usualAt: it.usualAt });
  return {
    counts: it.counts,
    /** The first crossings that the cooldown held back, as they would have fired. */
    heldBack: it.heldBack as readonly ReplayedFiring[],
    /** Meets samples that were stored before `to` and answers what fires; the others wait for the next part. */
    meetUntil(samples: readonly StoredSample[], to: number): ReplayedFiring[] {
      const stored = [...it.later, ...samples].toSorted((a, b) => a.createdAt - b.createdAt || a.ts - b.ts);
      const unknown = stored.findIndex(({ createdAt }) => createdAt >= to);
      it.later = unknown === -1 ? [] : stored.slice(unknown);
      const known = unknown === -1 ? stored : stored.slice(0, unknown);
      return known.flatMap((sample) => meet(it, sample) ?? []);
    },
    /** Samples that were stored after the end of the replay. */
    waiting: () => it.later.length,
    /** Whether a crossing, and nothing less, changes what the rule remembers. */
    isResting: (): boolean =>
      it.remembered.armed && !it.remembered.heldBack && !it.later.some(isPerhapsJudged),
    /** Whether samples of such changes may change what the rule remembers. */
    mayTurn: (changes: HourChanges): boolean =>
      it.later.some(isPerhapsJudged) ||
      // What is usual is computed only for hours that need it.
      (mayTurn(changes, turnBoundsOf(it.rule, it.remembered)) && mayTurn(changes, boundsIn(changes.hour))),
    /** Whether the conditions of the rule hold for a live sample and its base: in a third of the time that judging takes. */
    mayFire(sample: StoredSample, base: StoredSample): boolean {
      const { rule, volume24h } = it;
      const usual = it.usualAt(sample.createdAt);
      const { window } = rule;
      return meetsConditions(
        rule,
        readingBetween(base, sample, { window, freshness: 'live', volume24h, usual }),
      );
    },
    /** Which changes may do so in that hour, epoch ms. */
    boundsIn,
    /** Judges a sample whose past is known from elsewhere. */
    judge(sample: StoredSample, past: PastOfSample): ReplayedFiring | null {
      if (!isBlocked(it, sample.createdAt)) return judge(it, sample, past);
      it.counts.leftOut += 1;
      return null;
    },
    /** Samples before `from` are compared with, and not evaluated; epoch ms. */
    evaluateFrom(from: number): void {
      it.from = from;
    },
  };
}

/** A sample that waits: whether it can still be live when it is met. */
function isPerhapsJudged({ source, ts, createdAt }: StoredSample): boolean {
  return source !== 'backfill' && createdAt < ts + HOUR_MS;
}

export type SymbolReplay = ReturnType<typeof createSymbolReplay>;

function meet(it: SymbolState, sample: StoredSample): ReplayedFiring | null {
  const isNewest = mergeSample(it.newest?.sample, sample, 'poller') === 'replace';
  const isLater = isNewest && sample.ts > (it.newest?.sample.ts ?? 0);
  const pace = isNewest ? paceOf(it, sample) : null;
  it.past.add(it.symbol, sample);
  if (pace) it.newest = { sample, pace };
  const isPlain = isLater && it.guard.follow(sample) === 'plain';
  if (sample.ts < it.from) return null;
  if (pace && isPlain && !isBlocked(it, sample.createdAt)) {
    const series = it.past.seriesOf(it.symbol)!;
    const isGlitch = (ts: number) => it.guard.isGlitch(it.symbol, ts);
    return judge(it, sample, { series, isGlitch, everySec: pace.everySec });
  }
  it.counts.leftOut += 1;
  return null;
}

function paceOf({ newest, past, symbol }: SymbolState, sample: StoredSample): Pace {
  if (newest?.sample.source !== sample.source) return firstPace(sample.source, past.paceOf(symbol));
  return nextPace(newest.pace, (sample.ts - newest.sample.ts) / SECOND_MS);
}

/** Whether rules waited for an operator's confirmation then. */
function isBlocked({ methodChanges }: SymbolState, at: number): boolean {
  return methodChanges.some((it) => it.detectedAt <= at && at < (it.confirmedAt ?? Infinity));
}

function judge(it: SymbolState, sample: StoredSample, past: PastOfSample): ReplayedFiring | null {
  const { symbol, rule, methodChanges, volume24h, counts } = it;
  const { series, everySec } = past;
  const seenAt = sample.createdAt;
  const isUsable = (ts: number) =>
    !past.isGlitch(ts) && !methodChanges.some((it) => it.detectedAt <= seenAt && ts < it.validFrom);
  const row = { ...sample, everySec, volume24h };
  const usual = it.usualAt(seenAt);
  const reading = readChange({ row, series, usual, seenAt, isUsable }, rule.window);
  if (reading?.freshness === 'live') counts.evaluated += 1;
  else counts.leftOut += 1;
  const outcome = reading && evaluateRule(rule, it.remembered, reading);
  if (!outcome) return null;
  it.remembered = outcome.state;
  if (outcome.fires === null && !outcome.holdsBack) return null;
  const firing: ReplayedFiring = {
    symbol,
    direction: reading.changePct < 0 ? 'down' : 'up',
    firedAt: sample.ts,
    quiet: isQuiet(rule.quietHours, sample.ts),
    evidence: evidenceOf(reading, series, everySec),
  };
  if (!outcome.holdsBack) return firing;
  counts.heldBack += 1;
  if (it.heldBack.length < MOST_HELD_BACK) it.heldBack.push(firing);
  return null;
}
