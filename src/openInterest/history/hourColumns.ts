import { floorTimes } from '../../platform/database/binaryArrays.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { unpackContracts, type HourKey } from './blocks.ts';
import type { ContractColumns, PriceColumns } from './codec/hourCodec.ts';
import { selectHotHours, type HotColumns } from './hotHours.repository.ts';
import { selectPayloads } from './hours.repository.ts';
import type { StoredSample } from './samples.repository.ts';
import { mergeTiers } from './tiers.ts';

/** One symbol, hour and source of one tier, as it was read; `open` decodes it. */
export type PackedHour = HourKey & { open: () => HourColumns };

/** Its times and contracts, by time; `prices` decodes the rest of its samples, once. */
export type HourColumns = HourKey & ContractColumns & { prices: () => PriceColumns };

/**
 * Some hundred hours, epoch ms, of some symbols over both tiers, in any order. `isHot`: whether the day of an hour has a partition.
 * The hot tier is read first, so what is compacted meanwhile is found twice and never missed.
 */
export async function readPackedHours(
  db: Queryable,
  {
    wanted,
    isHot,
  }: { wanted: readonly { symbol: string; hour: number }[]; isHot: (hour: number) => boolean },
): Promise<PackedHour[]> {
  const ofHotDays = wanted.filter(({ hour }) => isHot(hour));
  const hot = ofHotDays.length === 0 ? [] : await selectHotHours(db, ofHotDays);
  const cold = await selectPayloads(db, wanted);
  return [
    ...cold.map((block) => packedHour(block, () => unpackContracts(block))),
    ...hot.map((rows) => packedHour(rows, () => sortRows(rows.open()))),
  ];
}

function packedHour(
  { symbol, hour, source }: HourKey,
  open: () => Omit<HourColumns, keyof HourKey>,
): PackedHour {
  return {
    ...{ symbol, hour, source },
    open() {
      const { prices, ...contracts } = open();
      let decoded: PriceColumns | null = null;
      return { symbol, hour, source, ...contracts, prices: () => (decoded ??= prices()) };
    },
  };
}

/** Rows mostly come in the order of their times. */
function sortRows({ ts, createdAt, openInterest, prices }: HotColumns): HotColumns {
  if (isSorted(ts)) return { ts: floorTimes(ts), createdAt, openInterest, prices };
  const order = Array.from(ts.keys()).toSorted((a, b) => ts[a]! - ts[b]!);
  const inOrder = <Value>(values: ArrayLike<Value>): Value[] => order.map((i) => values[i]!);
  return {
    ts: Float64Array.from(inOrder(ts), Math.floor),
    createdAt: Float64Array.from(inOrder(createdAt)),
    openInterest: Float64Array.from(inOrder(openInterest)),
    prices() {
      const { openInterestUsd, markPrice, fundingRate } = prices();
      return {
        openInterestUsd: inOrder(openInterestUsd),
        markPrice: inOrder(markPrice),
        fundingRate: inOrder(fundingRate),
      };
    },
  };
}

export function isSorted(ts: Float64Array): boolean {
  for (let i = 1; i < ts.length; i += 1) if (ts[i]! < ts[i - 1]!) return false;
  return true;
}

/** By time and then by source, each sample once, as one list of both tiers. */
export function openHours(hours: readonly HourColumns[]): StoredSample[] {
  const opened = hours.map((hour) => {
    const prices = hour.prices();
    return Array.from(hour.ts, (_, i) => storedAt(hour, prices, i));
  });
  return opened.length === 1 ? opened[0]! : mergeTiers(opened.flat(), []);
}

/** Written out: copying a sample by spread costs more than decoding it. */
export function storedAt(hour: HourColumns, prices: PriceColumns, i: number): StoredSample {
  return {
    symbol: hour.symbol,
    openInterest: hour.openInterest[i]!,
    openInterestUsd: prices.openInterestUsd[i]!,
    markPrice: prices.markPrice[i]!,
    fundingRate: prices.fundingRate[i]!,
    ts: hour.ts[i]!,
    source: hour.source,
    createdAt: hour.createdAt[i]!,
  };
}
