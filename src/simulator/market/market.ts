import { HOUR_MS } from '../../kit/clock.ts';
import { createContractBook, type Contract, type ContractBook, type Traits } from './contracts.ts';
import { selectCrossings, type Crossing } from './crossings.ts';
import { createEventSchedule, type PlannedEvent } from './events.ts';
import type { SymbolFacts } from '../facts/facts.types.ts';
import { drawAt, noiseStream, octaveNoise, type Octave } from './noise.ts';
import {
  forcedOrderAt,
  longShareAt,
  takerVolumeAt,
  type Crowd,
  type PositioningInputs,
} from './positioning.ts';

/** An event and every threshold its contract's open interest crosses because of it. */
type MarketEvent = PlannedEvent & { crossings: readonly Crossing[] };

/**
 * Shared by price and open interest, scaled by a contract's volatility of 0.6 to 1.3. The amplitudes add up to 11 %,
 * so a contract keeps within 16 % of its level; what noise can do within a window follows from the slopes and is what
 * the planned events are sized against (events.ts).
 */
const OCTAVES: readonly Octave[] = [
  { periodMs: 120 * HOUR_MS, amplitude: 0.025 },
  { periodMs: 24 * HOUR_MS, amplitude: 0.05 },
  { periodMs: 6 * HOUR_MS, amplitude: 0.024 },
  { periodMs: 1.5 * HOUR_MS, amplitude: 0.009 },
  { periodMs: HOUR_MS / 3, amplitude: 0.003 },
  { periodMs: HOUR_MS / 15, amplitude: 0.0006 },
  { periodMs: HOUR_MS / 120, amplitude: 0.0002 },
  { periodMs: HOUR_MS / 720, amplitude: 0.00008 },
];

/** Up to 30 % either way: a contract planned to be liquid stays above the threshold, one near it crosses at times. */
const VOLUME_OCTAVES: readonly Octave[] = [
  { periodMs: 48 * HOUR_MS, amplitude: 0.18 },
  { periodMs: 6 * HOUR_MS, amplitude: 0.09 },
  { periodMs: HOUR_MS / 3, amplitude: 0.03 },
];

const FUNDING_OCTAVES: readonly Octave[] = [
  { periodMs: 72 * HOUR_MS, amplitude: 0.00012 },
  { periodMs: 8 * HOUR_MS, amplitude: 0.00006 },
  { periodMs: HOUR_MS / 6, amplitude: 0.00001 },
];

const BASIS_OCTAVES: readonly Octave[] = [{ periodMs: HOUR_MS / 30, amplitude: 0.0004 }];

/** How much of a contract's price is the whole market's move. */
const MARKET_SHARE = 0.45;

type MarketOptions = {
  facts: readonly SymbolFacts[];
  /** 32 bits. */
  seed: number;
  /** How often the exchange publishes a contract's open interest. */
  oiRefreshMs?: number;
  /** At 10, prices, open interest and volume change as much in a minute as otherwise in ten. Clocks are unaffected. */
  pace?: number;
};

type Context = {
  book: ContractBook;
  schedule: ReturnType<typeof createEventSchedule>;
  wholeMarket: number;
  oiRefreshMs: number;
  pace: number;
};

export type Market = ReturnType<typeof createMarket>;

/**
 * The whole market as a function of time. Every answer follows from the facts, the seed and the time, never from earlier
 * calls; only listings and delistings change it, from their time on. Times are epoch ms of simulated time. A name that the
 * exchange does not know throws.
 */
export function createMarket({ facts, seed, oiRefreshMs = 3_000, pace = 1 }: MarketOptions) {
  const book = createContractBook({ facts, seed });
  const schedule = createEventSchedule({ facts, seed });
  const wholeMarket = noiseStream(seed, 'the whole market');
  const context: Context = { book, schedule, wholeMarket, oiRefreshMs, pace };

  return {
    /** Every contract with its present status; the same array until a listing or delisting. */
    contracts: book.all,
    selectOptionalContract: (symbol: string) => book.selectOptionalContract(symbol)?.facts ?? null,
    /** Contracts, unrounded. */
    openInterestAt: (symbol: string, at: number) => openInterestAt(context, symbol, at),
    /** What the exchange has published by `at`, and the time of that figure: up to `oiRefreshMs` earlier. */
    openInterestFigureAt: (symbol: string, at: number) => openInterestFigureAt(context, symbol, at),
    markPriceAt: (symbol: string, at: number) => markPriceAt(context, symbol, at),
    indexPriceAt: (symbol: string, at: number) => indexPriceAt(context, symbol, at),
    fundingRateAt: (symbol: string, at: number) => fundingRateAt(context, symbol, at),
    /** 0 where no funding is paid. */
    nextFundingTimeAt(symbol: string, at: number): number {
      const { facts: known } = book.selectContract(symbol);
      if (!paysFunding(known)) return 0;
      const intervalMs = known.fundingIntervalHours * HOUR_MS;
      return (Math.floor(at / intervalMs) + 1) * intervalMs;
    },
    quoteVolume24hAt: (symbol: string, at: number) => quoteVolume24hAt(context, symbol, at),
    /** The share of a crowd that is long. */
    longShareAt: (symbol: string, crowd: Crowd, at: number) =>
      longShareAt(positioningOf(context, symbol), crowd, at),
    /** Contracts that takers bought and sold in the period that ends at `at`. */
    takerVolumeAt: (symbol: string, at: number, periodMs: number) =>
      takerVolumeAt(positioningOf(context, symbol), at, periodMs),
    /** The forced order of the second that begins at `second`, epoch ms; `null`: none. */
    forcedOrderAt: (symbol: string, second: number) => forcedOrderAt(positioningOf(context, symbol), second),
    /** The spikes and dumps that start in [from, to): what a perfect detector reports, and when. */
    eventsBetween: (from: number, to: number): MarketEvent[] =>
      schedule.eventsBetween(pace * from, pace * to).map((planned) => {
        const event = atPace(planned, pace);
        const openInterest = (at: number) => openInterestAt(context, event.symbol, at);
        return { ...event, crossings: selectCrossings(event, openInterest, pace) };
      }),
    /** Lists a new contract, or one that had stopped trading; false when it trades already. */
    list: book.list,
    /** From `at` on it is SETTLING and its price frozen; false when it does not trade. */
    delist: book.delist,
  };
}

function markPriceAt({ book, schedule, pace, wholeMarket }: Context, symbol: string, at: number): number {
  const contract = book.selectContract(symbol);
  const moment = pace * lastMoment(contract, at);
  const noise = contract.traits.volatility * priceNoiseAt(wholeMarket, contract.traits, moment);
  return contract.facts.price * Math.exp(noise) * schedule.factorsAt(symbol, moment).price;
}

function indexPriceAt(context: Context, symbol: string, at: number): number {
  const contract = context.book.selectContract(symbol);
  const moment = context.pace * lastMoment(contract, at);
  const basis = octaveNoise(contract.traits.fundingStream, moment, BASIS_OCTAVES);
  return markPriceAt(context, symbol, at) * (1 + basis);
}

function openInterestAt({ book, schedule, pace, wholeMarket }: Context, symbol: string, at: number): number {
  const contract = book.selectContract(symbol);
  const { traits } = contract;
  const moment = pace * lastMoment(contract, at);
  const own = octaveNoise(traits.openInterestStream, moment, OCTAVES);
  const noise = traits.priceShare * priceNoiseAt(wholeMarket, traits, moment) + (1 - traits.priceShare) * own;
  const factor = schedule.factorsAt(symbol, moment).openInterest;
  return contract.facts.openInterest * Math.exp(traits.volatility * noise) * factor;
}

function openInterestFigureAt(
  context: Context,
  symbol: string,
  at: number,
): { openInterest: number; time: number } {
  const { book, oiRefreshMs } = context;
  const { traits } = book.selectContract(symbol);
  // Contracts are not all published at the same time.
  const offset = Math.floor(drawAt(traits.openInterestStream, -1) * oiRefreshMs);
  const time = Math.floor((at - offset) / oiRefreshMs) * oiRefreshMs + offset;
  return { openInterest: openInterestAt(context, symbol, time), time };
}

function fundingRateAt({ book, pace }: Context, symbol: string, at: number): number {
  const { facts, traits } = book.selectContract(symbol);
  if (facts.status !== 'TRADING' || !paysFunding(facts)) return 0;
  const interest = interestRateOf(facts) * (facts.fundingIntervalHours / 8);
  return interest + traits.volatility * octaveNoise(traits.fundingStream, pace * at, FUNDING_OCTAVES);
}

function quoteVolume24hAt({ book, pace }: Context, symbol: string, at: number): number {
  const contract = book.selectContract(symbol);
  const moment = pace * lastMoment(contract, at);
  const noise = octaveNoise(contract.traits.volumeStream, moment, VOLUME_OCTAVES);
  return contract.facts.quoteVolume24h * Math.exp(noise);
}

function positioningOf(context: Context, symbol: string): PositioningInputs {
  return {
    contract: context.book.selectContract(symbol),
    priceAt: (at) => markPriceAt(context, symbol, at),
    openInterestAt: (at) => openInterestAt(context, symbol, at),
    quoteVolume24hAt: (at) => quoteVolume24hAt(context, symbol, at),
  };
}

function priceNoiseAt(wholeMarket: number, traits: Traits, at: number): number {
  const own = octaveNoise(traits.priceStream, at, OCTAVES);
  return MARKET_SHARE * octaveNoise(wholeMarket, at, OCTAVES) + (1 - MARKET_SHARE) * own;
}

/** Converts the market's own time to simulated time. */
function atPace(event: PlannedEvent, pace: number): PlannedEvent {
  const { startAt, peakAt, holdUntil, endAt } = event;
  return {
    ...event,
    startAt: Math.round(startAt / pace),
    peakAt: Math.round(peakAt / pace),
    holdUntil: Math.round(holdUntil / pace),
    endAt: Math.round(endAt / pace),
  };
}

/** The interest part of funding, for 8 hours. */
export function interestRateOf(facts: SymbolFacts): number {
  const isFree = facts.underlyingType !== 'COIN' || facts.baseAsset === 'BNB' || !paysFunding(facts);
  return isFree ? 0 : 0.0001;
}

/** Quarterlies end with delivery and pay none. */
function paysFunding(facts: SymbolFacts): boolean {
  return facts.contractType === 'PERPETUAL' || facts.contractType === 'TRADIFI_PERPETUAL';
}

/** Nothing about a contract moves after its delivery. */
function lastMoment(contract: Contract, at: number): number {
  return Math.min(at, contract.facts.deliveryDate);
}
