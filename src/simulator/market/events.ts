import { MINUTE_MS } from '../../kit/clock.ts';
import type { SymbolFacts } from '../facts/facts.types.ts';
import { drawAt, noiseStream } from './noise.ts';
import { createTurns, type Turn, type Turns } from './turns.ts';

export type AlertTimeframe = '5 min' | '15 min' | '1 hour';

/**
 * A planned move of one contract's open interest: up or down, a plateau, and slowly back. The contract's next move, in the
 * other direction, may begin before that.
 */
export type PlannedEvent = {
  symbol: string;
  direction: 'UP' | 'DOWN';
  /** The window whose threshold it is made to cross. A 15-minute one crosses the 5-minute window on its way. */
  timeframe: AlertTimeframe;
  /** Epoch ms. Open interest moves from `startAt` to `peakAt`, stays, and is back at `endAt`. */
  startAt: number;
  peakAt: number;
  holdUntil: number;
  endAt: number;
  /** Fractions: 0.05 is +5 %. The price may go either way. */
  pctChange: number;
  priceChange: number;
};

type Wave = {
  timeframe: AlertTimeframe;
  /** One event starts in each slot of this length. */
  slotMs: number;
  /** Detectors have a floor of $1,000,000: only contracts whose smallest crossing is above it are moved. */
  minOpenInterestUsd: number;
  pct: readonly [number, number];
  riseMs: readonly [number, number];
  holdMs: readonly [number, number];
  /** At least; some fade until the contract's next event but one. */
  fadeMs: number;
};

/**
 * Sized against the bounds of the market's noise (market.ts), so that every event crosses its own window
 * whatever the noise, and none crosses a longer one: up to 0.6 % in 5 minutes, 1.3 % in 15, 3.1 % in an hour.
 * Rises end before their window does, so the whole move can be seen inside it for at least a minute, and fades are so
 * slow that none looks like a move the other way. With these slots a contract has about two events a day.
 */
const WAVES: readonly Wave[] = [
  {
    timeframe: '5 min',
    slotMs: 8 * MINUTE_MS,
    minOpenInterestUsd: 48e6,
    pct: [0.04, 0.054],
    riseMs: [2.5 * MINUTE_MS, 4 * MINUTE_MS],
    holdMs: [1 * MINUTE_MS, 25 * MINUTE_MS],
    fadeMs: 25 * MINUTE_MS,
  },
  {
    timeframe: '15 min',
    slotMs: 6 * MINUTE_MS,
    minOpenInterestUsd: 21e6,
    pct: [0.086, 0.088],
    riseMs: [7 * MINUTE_MS, 10 * MINUTE_MS],
    holdMs: [3 * MINUTE_MS, 20 * MINUTE_MS],
    fadeMs: 85 * MINUTE_MS,
  },
  {
    timeframe: '1 hour',
    slotMs: 10 * MINUTE_MS,
    minOpenInterestUsd: 12.5e6,
    pct: [0.16, 0.17],
    riseMs: [48 * MINUTE_MS, 50 * MINUTE_MS],
    holdMs: [5 * MINUTE_MS, 20 * MINUTE_MS],
    fadeMs: 260 * MINUTE_MS,
  },
];

/** Majors do not move by per cents within minutes; thinly traded contracts are not in a liquid universe. */
const MAX_OPEN_INTEREST_USD = 750e6;
const MIN_QUOTE_VOLUME_24H = 5.5e6;

type WavePlan = { wave: Wave; turns: Turns; stream: number };

/** Each wave has its own contracts. At most one event moves a contract while its last one fades. */
export function createEventSchedule(options: { facts: readonly SymbolFacts[]; seed: number }) {
  const planOf = new Map<string, WavePlan>();
  const plans = WAVES.map((wave, index) => {
    const below = WAVES[index - 1]?.minOpenInterestUsd ?? MAX_OPEN_INTEREST_USD;
    const moved = options.facts.filter((it) => isEligible(it, wave.minOpenInterestUsd, below));
    const symbols = moved.map((it) => it.symbol);
    const plan = planWave(wave, symbols, options.seed);
    for (const symbol of symbols) planOf.set(symbol, plan);
    return plan;
  });

  return {
    /** What the last events multiply the undisturbed open interest and price by. */
    factorsAt(symbol: string, at: number): { openInterest: number; price: number } {
      const factors = { openInterest: 1, price: 1 };
      const plan = planOf.get(symbol);
      for (const turn of plan?.turns.lastTurnsOf(symbol, at) ?? []) {
        const event = planEvent(plan!, turn);
        const strength = strengthAt(event, at);
        factors.openInterest *= 1 + event.pctChange * strength;
        factors.price *= 1 + event.priceChange * strength;
      }
      return factors;
    },
    /** Events that start in [from, to), in order. */
    eventsBetween(from: number, to: number): PlannedEvent[] {
      return plans
        .flatMap((plan) => plan.turns.turnsBetween(from, to).map((turn) => planEvent(plan, turn)))
        .filter(({ startAt }) => startAt >= from && startAt < to)
        .toSorted((a, b) => a.startAt - b.startAt);
    },
  };
}

function planWave(wave: Wave, symbols: readonly string[], seed: number): WavePlan {
  const turns = createTurns({
    symbols,
    stream: noiseStream(seed, `turns ${wave.timeframe}`),
    slotMs: wave.slotMs,
    leastMs: wave.riseMs[1] + wave.holdMs[1] + wave.fadeMs,
  });
  return { wave, turns, stream: noiseStream(seed, `events ${wave.timeframe}`) };
}

function isEligible(facts: SymbolFacts, from: number, below: number): boolean {
  const openInterestUsd = facts.openInterest * facts.price;
  return (
    facts.contractType === 'PERPETUAL' &&
    facts.status === 'TRADING' &&
    facts.quoteAsset === 'USDT' &&
    facts.quoteVolume24h >= MIN_QUOTE_VOLUME_24H &&
    openInterestUsd >= from &&
    openInterestUsd < below
  );
}

function planEvent({ wave, turns, stream }: WavePlan, { symbol, slot, ...turn }: Turn): PlannedEvent {
  const draw = (index: number) => drawAt(stream, slot * 8 + index);
  const direction = slot % 2 === 0 ? 'UP' : 'DOWN';
  const startAt = Math.round(turn.startAt + (draw(0) * turns.slotMs) / 2);
  const peakAt = Math.round(startAt + between(wave.riseMs, draw(1)));
  const holdUntil = Math.round(peakAt + between(wave.holdMs, draw(2)));
  const pctChange = between(wave.pct, draw(3)) * (direction === 'UP' ? 1 : -1);
  return {
    symbol,
    direction,
    timeframe: wave.timeframe,
    startAt,
    peakAt,
    holdUntil,
    endAt: Math.round(between([holdUntil + wave.fadeMs, turn.until], draw(5))),
    pctChange,
    // Mostly with open interest (longs open, longs close), at times against it (shorts open, shorts cover).
    priceChange: pctChange * between([-0.25, 0.45], draw(4)),
  };
}

/** Up in a straight line, and back ever more slowly. */
function strengthAt(event: PlannedEvent, at: number): number {
  if (at <= event.startAt || at >= event.endAt) return 0;
  if (at < event.peakAt) return (at - event.startAt) / (event.peakAt - event.startAt);
  if (at <= event.holdUntil) return 1;
  return ((event.endAt - at) / (event.endAt - event.holdUntil)) ** 2;
}

function between(range: readonly [number, number], draw: number): number {
  return range[0] + (range[1] - range[0]) * draw;
}
