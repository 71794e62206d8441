import type { z } from 'zod';
import { formatUsd } from '../../kit/format.shared.ts';
import {
  computeLiquidUniverse,
  filterUsdtPerps,
} from '../../openInterest/openInterest.liquidUniverse.service.ts';
import { sectorsOf } from './sectors.ts';
import type { Supply } from './supplies.ts';
import type { LiquidUniverseUpdate } from '../../openInterest/universe/universe.types.ts';

/** Of a perpetual that the exchange's list of funding intervals does not name. */
const USUAL_FUNDING_INTERVAL_HOURS = 8;

/**
 * The update for the server: the new set, its thresholds, and a reason for each symbol that enters or leaves. Pure.
 * `exchangeInfo` is the exchange's raw body; volumes are USD of the last 24 h; without funding intervals (`null`) the
 * server keeps those that it has.
 */
export function planUniverse(input: {
  exchangeInfo: unknown;
  quoteVolumes24h: ReadonlyMap<string, number>;
  fundingIntervalHours: ReadonlyMap<string, number> | null;
  /** What is known of a symbol's circulating supply since the last start; `undefined`: the server keeps what it has. */
  supplyOf: (symbol: string) => Supply | undefined;
  current: readonly string[];
  enter: number;
  exit: number;
  now: number;
}): z.input<typeof LiquidUniverseUpdate> {
  const { quoteVolumes24h, fundingIntervalHours, enter, exit } = input;
  const trading = filterUsdtPerps(input.exchangeInfo);
  const tickers: Record<string, { quoteVolume: number }> = Object.create(null) as Record<
    string,
    { quoteVolume: number }
  >;
  for (const [symbol, quoteVolume] of quoteVolumes24h) tickers[symbol] = { quoteVolume };
  const current = new Set(input.current);
  const { newSet, meta } = computeLiquidUniverse(trading, tickers, enter, exit, current);
  const entered = [...newSet].filter((symbol) => !current.has(symbol));
  const left = [...current].filter((symbol) => !newSet.has(symbol));
  const tradingSet = new Set(trading);
  const sectors = sectorsOf(input.exchangeInfo);
  const lastSeenAt = new Date(input.now).toISOString();
  return {
    symbols: [...newSet].map((symbol) => ({
      symbol,
      quoteVolume24h: meta.get(symbol)!.quoteVolume24h,
      ...(fundingIntervalHours !== null && {
        fundingIntervalHours: fundingIntervalHours.get(symbol) ?? USUAL_FUNDING_INTERVAL_HOURS,
      }),
      ...describeSupply(input.supplyOf(symbol)),
      sectors: sectors.get(symbol) ?? [],
      lastSeenAt,
    })),
    updatedAt: lastSeenAt,
    enterThreshold: enter,
    exitThreshold: exit,
    reasons: Object.fromEntries([
      ...entered.map((symbol) => [symbol, whyIn(meta.get(symbol)!.quoteVolume24h, enter)]),
      ...left.map((symbol) => [symbol, whyOut(tradingSet.has(symbol), quoteVolumes24h.get(symbol), exit)]),
    ]) as Record<string, string>,
  };
}

function describeSupply(known: Supply | undefined) {
  return known && { circulatingSupply: known.supply, circulatingSupplyAt: new Date(known.at).toISOString() };
}

function whyIn(volume: number, enter: number): string {
  return `24 h volume of ${formatUsd(volume)} has reached the ${formatUsd(enter)} to enter`;
}

function whyOut(isTrading: boolean, volume: number | undefined, exit: number): string {
  if (!isTrading) return 'no longer traded as a USDT perpetual';
  if (volume === undefined) return 'the exchange has no 24 h ticker for it';
  return `24 h volume of ${formatUsd(volume)} is below the ${formatUsd(exit)} to stay`;
}
