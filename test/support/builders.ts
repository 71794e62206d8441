import type {
  MemberFacts,
  OpenInterestAlertInput,
  Sample,
} from '../../src/openInterest/openInterest.types.ts';

/** What pollers and tests hand in. State is built by posting these, never by writing to tables. */

export function aSample(given: Partial<Sample> = {}): Sample {
  return {
    symbol: 'BTCUSDT',
    openInterest: 90_761.482,
    openInterestUsd: 8_445_361_234.5,
    markPrice: 93_041.35,
    fundingRate: null,
    ts: Date.UTC(2026, 10, 20, 14, 0, 0),
    source: 'realtime',
    ...given,
  };
}

/** Members by symbol and 24 h volume, in USD; those of an even volume pay funding every 4 hours, the others every 8. */
export function membersOf(volumes: readonly (readonly [string, number])[]): Map<string, MemberFacts> {
  return new Map(
    volumes.map(([symbol, volume24h]) => [symbol, { volume24h, fundingHours: volume24h % 2 === 0 ? 4 : 8 }]),
  );
}

export type ChunkItem = Record<string, unknown>;

/** One item as the original's poller sends it. */
export function anItem(symbol: string, given: ChunkItem = {}): ChunkItem {
  return { symbol, openInterest: 1_000, openInterestUsd: 2_000, markPrice: 2, ...given };
}

/** `count` symbols from `SYM<from>USDT` on. */
export function symbolNames(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `SYM${from + i}USDT`);
}

/** A chunk as the original's poller posts it: second-precision time, source realtime. */
export function aChunk(
  symbols: readonly string[],
  given: { ts?: number; item?: ChunkItem; source?: string } = {},
) {
  const ts = new Date(given.ts ?? Date.now()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return {
    data: symbols.map((symbol) => anItem(symbol, given.item)),
    timestamp: ts,
    totalSymbols: symbols.length,
    source: given.source ?? 'realtime',
  };
}

export function anAlert(given: Partial<OpenInterestAlertInput> = {}): OpenInterestAlertInput {
  return {
    symbol: 'SUIUSDT',
    direction: 'UP',
    baseline: 412_600_000,
    current: 430_000_000,
    pctChange: 0.0421,
    absChange: 17_400_000,
    priceChange: 0.0038,
    fundingRate: 0.0001,
    timeframe: '5 min',
    timestamp: '2026-11-20T13:41:20Z',
    source: 'oi_realtime_poller',
    ...given,
  };
}
