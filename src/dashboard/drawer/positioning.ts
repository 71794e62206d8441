import { queryOptions } from '@tanstack/react-query';
import { formatDecimal, formatRatio, formatShare } from '../../kit/format.shared.ts';
import { PositioningBody, type PositioningPoint } from '../../openInterest/positioning/positioning.types.ts';
import { getJson } from '../live/api.ts';
import { HOUR_MS } from '../timeOfDay.ts';

/** While a collector reads the symbol for the first time. */
const WAITING_MS = 5_000;
/** Reading it again also keeps the symbol among those that collectors read. */
const EVERY_MS = 60_000;

export const positioningQuery = (symbol: string) =>
  queryOptions({
    queryKey: ['positioning', symbol],
    queryFn: ({ signal }) =>
      getJson(
        `/api/market/open-interest/positioning?${new URLSearchParams({ symbol }).toString()}`,
        PositioningBody,
        signal,
      ),
    staleTime: WAITING_MS,
    refetchInterval: ({ state }) => (state.data?.points.length ? EVERY_MS : WAITING_MS),
  });

/** Longs over shorts, or purchases over sales, over time. */
export type PositioningLine = { label: string; values: (number | null)[] };

export function linesOf(points: readonly PositioningPoint[]): PositioningLine[] {
  return [
    { label: 'Top traders, positions', values: points.map((it) => it.topPositions) },
    { label: 'Top traders, accounts', values: points.map((it) => it.topAccounts) },
    { label: 'All accounts', values: points.map((it) => it.accounts) },
    { label: 'Taker buys/sells', values: points.map(takerRatio) },
  ];
}

/** `null`: not reported, or nothing was sold. */
function takerRatio({ takerBought, takerSold }: PositioningPoint): number | null {
  return takerBought === null || !takerSold ? null : takerBought / takerSold;
}

/** `1.43 (58.9%)`: the ratio, and the share of the first side. */
export function describeRatio(ratio: number | null): string {
  return ratio === null
    ? formatRatio(null)
    : `${formatRatio(ratio)} (${formatDecimal((100 * ratio) / (1 + ratio), 1)}%)`;
}

/** `1.43, in 24h from 1.21 to 1.52`: a line in words. */
export function describeLine({ label, values }: PositioningLine): string {
  const known = values.filter((it) => it !== null);
  if (known.length === 0) return `${label}: not reported`;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return `${label}: ${formatRatio(known.at(-1))}, in 24 hours from ${formatRatio(low)} to ${formatRatio(high)}`;
}

/** What was liquidated within the last hour, 4 and 24 hours. */
export function sumLiquidations(minutes: PositioningBody['liquidations'], now: number) {
  return [1, 4, 24].map((hours) => {
    const sum = { hours, longUsd: 0, shortUsd: 0, longs: 0, shorts: 0 };
    for (const it of minutes) {
      if (it.minute <= now - hours * HOUR_MS) continue;
      sum.longUsd += it.longUsd;
      sum.shortUsd += it.shortUsd;
      sum.longs += it.longs;
      sum.shorts += it.shorts;
    }
    return sum;
  });
}

/** `84%`: the share of longs in what was liquidated. */
export function longShareOf({ longUsd, shortUsd }: { longUsd: number; shortUsd: number }): string {
  return longUsd + shortUsd === 0 ? formatShare(NaN, 1) : formatShare(longUsd, longUsd + shortUsd);
}
