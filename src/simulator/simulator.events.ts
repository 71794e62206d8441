import { MINUTE_MS } from '../kit/clock.ts';
import type { SymbolFacts } from './simulator.facts.types.ts';
import { drawAt, noiseStream, shuffled } from './simulator.noise.ts';

export type AlertTimeframe = '5 min' | '15 min' | '1 hour';

/** A planned move of one contract's open interest: up or down, kept for a while, and slowly back. */
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

export type EventSchedule = {
  /** What the event under way, if any, makes of the undisturbed open interest and price. */
  factorsAt(symbol: string, at: number): { openInterest: number; price: number };
  /** Events that start in [from, to), in order. */
  eventsBetween(from: number, to: number): PlannedEvent[];
};

type Wave = {
  timeframe: AlertTimeframe;
  /** One event starts in each slot of this length. */
  slotMs: number;
  /** Detectors have a floor of $1,000,000: only contracts whose smallest crossing is above it take part. */
  minOpenInterestUsd: number;
  pct: readonly [number, number];
  riseMs: readonly [number, number];
  holdMs: readonly [number, number];
  decayMs: number;
};

/**
 * Sized against the bounds of the market's noise (simulator.market.ts), so that every event crosses its own window
 * whatever the noise does, and none crosses a longer one: up to 0.6 % in 5 minutes, 1.3 % in 15, 3.1 % in an hour.
 * Rises end before their window does, so the whole move can be seen inside it for at least a minute.
 */
const WAVES: readonly Wave[] = [
  {
    timeframe: '5 min',
    slotMs: MINUTE_MS,
    minOpenInterestUsd: 48e6,
    pct: [0.04, 0.054],
    riseMs: [2.5 * MINUTE_MS, 4 * MINUTE_MS],
    holdMs: [1 * MINUTE_MS, 3 * MINUTE_MS],
    decayMs: 52 * MINUTE_MS,
  },
  {
    timeframe: '15 min',
    slotMs: 5 * MINUTE_MS,
    minOpenInterestUsd: 21e6,
    pct: [0.086, 0.088],
    riseMs: [8 * MINUTE_MS, 10 * MINUTE_MS],
    holdMs: [3 * MINUTE_MS, 5 * MINUTE_MS],
    decayMs: 120 * MINUTE_MS,
  },
  {
    timeframe: '1 hour',
    slotMs: 10 * MINUTE_MS,
    minOpenInterestUsd: 12.5e6,
    pct: [0.16, 0.17],
    riseMs: [48 * MINUTE_MS, 50 * MINUTE_MS],
    holdMs: [5 * MINUTE_MS, 8 * MINUTE_MS],
    decayMs: 240 * MINUTE_MS,
  },
];

/** Majors do not move by per cents within minutes; thinly traded contracts are not in a liquid universe. */
const MAX_OPEN_INTEREST_USD = 750e6;
const MIN_QUOTE_VOLUME_24H = 5.5e6;

type Lane = { wave: Wave; slotMs: number; symbols: readonly string[]; stream: number };

/**
 * Each wave goes round its own contracts in a seeded order, one a slot. A contract's turn comes back only after its
 * last event has died away, so at most one event moves a contract, and which one follows from the time alone.
 */
export function createEventSchedule(options: { facts: readonly SymbolFacts[]; seed: number }): EventSchedule {
  const lanes = planLanes(options.facts, options.seed);
  const places = new Map<string, { lane: Lane; index: number }>();
  for (const lane of lanes) lane.symbols.forEach((symbol, index) => places.set(symbol, { lane, index }));

  return {
    factorsAt(symbol, at) {
      const place = places.get(symbol);
      if (!place) return { openInterest: 1, price: 1 };
      const slot = Math.floor(at / place.lane.slotMs);
      const sinceTurn = (slot - place.index) % place.lane.symbols.length;
      const event = planEvent(place.lane, slot - sinceTurn);
      const strength = strengthAt(event, at);
      return { openInterest: 1 + event.pctChange * strength, price: 1 + event.priceChange * strength };
    },
    eventsBetween(from, to) {
      return lanes.flatMap((lane) => eventsOfLane(lane, from, to)).toSorted((a, b) => a.startAt - b.startAt);
    },
  };
}

function planLanes(facts: readonly SymbolFacts[], seed: number): Lane[] {
  let below = MAX_OPEN_INTEREST_USD;
  return WAVES.flatMap((wave) => {
    const names = facts.filter((it) => isEligible(it, wave.minOpenInterestUsd, below)).map((it) => it.symbol);
    below = wave.minOpenInterestUsd;
    const stream = noiseStream(seed, `events ${wave.timeframe}`);
    const symbols = shuffled(stream, names);
    // An odd number turns spikes into dumps from one round to the next.
    if (symbols.length % 2 === 0) symbols.pop();
    if (symbols.length === 0) return [];
    return [{ wave, slotMs: slotLength(wave, symbols.length), symbols, stream }];
  });
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

/** With few contracts the slots grow, because an event must end before its contract's next turn. */
function slotLength(wave: Wave, contracts: number): number {
  const longestLifeMs = wave.riseMs[1] + wave.holdMs[1] + wave.decayMs;
  return Math.max(wave.slotMs, Math.ceil((longestLifeMs + wave.slotMs) / contracts));
}

function eventsOfLane(lane: Lane, from: number, to: number): PlannedEvent[] {
  const events: PlannedEvent[] = [];
  for (let slot = Math.floor(from / lane.slotMs); slot * lane.slotMs < to; slot += 1) {
    const event = planEvent(lane, slot);
    if (event.startAt >= from && event.startAt < to) events.push(event);
  }
  return events;
}

function planEvent(lane: Lane, slot: number): PlannedEvent {
  const { wave, stream, symbols } = lane;
  const draw = (index: number) => drawAt(stream, slot * 8 + index);
  const direction = slot % 2 === 0 ? 'UP' : 'DOWN';
  const startAt = Math.round(slot * lane.slotMs + (draw(0) * wave.slotMs) / 2);
  const peakAt = Math.round(startAt + between(wave.riseMs, draw(1)));
  const holdUntil = Math.round(peakAt + between(wave.holdMs, draw(2)));
  const pctChange = between(wave.pct, draw(3)) * (direction === 'UP' ? 1 : -1);
  return {
    symbol: symbols[slot % symbols.length]!,
    direction,
    timeframe: wave.timeframe,
    startAt,
    peakAt,
    holdUntil,
    endAt: holdUntil + wave.decayMs,
    pctChange,
    // Mostly with open interest (longs build, longs flee), at times against it (shorts build, shorts cover).
    priceChange: pctChange * between([-0.25, 0.45], draw(4)),
  };
}

function strengthAt(event: PlannedEvent, at: number): number {
  if (at <= event.startAt || at >= event.endAt) return 0;
  if (at < event.peakAt) return (at - event.startAt) / (event.peakAt - event.startAt);
  if (at <= event.holdUntil) return 1;
  return (event.endAt - at) / (event.endAt - event.holdUntil);
}

function between(range: readonly [number, number], draw: number): number {
  return range[0] + (range[1] - range[0]) * draw;
}
