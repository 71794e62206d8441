import type { Queryable } from '../../platform/database/postgres.ts';
import { unpackColumns, unpackContracts, type HourKey } from './blocks.ts';
import type { ContractColumns, SampleColumns } from './codec/hourCodec.ts';
import { dayOf } from './days.ts';
import { selectHotHours, type HotHour } from './hotHours.repository.ts';
import { selectPayloads } from './hours.repository.ts';
import type { StoredSample } from './samples.repository.ts';
import { mergeTiers } from './tiers.ts';

/** Times and contracts of one symbol, hour and source of one tier, by time; `columns` decodes the rest of its samples. */
export type HourColumns = ContractColumns & HourKey & { columns: () => SampleColumns };

/**
 * Some hours of a symbol, at least one, epoch ms and sorted, over both tiers, those of the cold one first: at most some days.
 * `hotDays` are the days that have partitions. The hot tier is read first, so what is compacted meanwhile is found twice and
 * never missed.
 */
export async function readHourColumns(
  db: Queryable,
  query: { symbol: string; hours: readonly number[]; hotDays: ReadonlySet<string> },
): Promise<HourColumns[]> {
  const { symbol, hours, hotDays } = query;
  const ofHotDays = hours.filter((hour) => hotDays.has(dayOf(hour)));
  const hot = ofHotDays.length === 0 ? [] : await selectHotHours(db, symbol, ofHotDays);
  const cold = (await selectPayloads(db, symbol, hours)).map((block) => ({
    ...{ symbol, hour: block.hour, source: block.source },
    ...unpackContracts(block),
    columns: () => unpackColumns(block),
  }));
  return [...cold, ...hot.map((it) => columnsOfRows(symbol, it))];
}

/** Rows mostly come in the order of their times. */
function columnsOfRows(symbol: string, rows: HotHour): HourColumns {
  const { hour, source } = rows;
  const order = isSorted(rows.ts)
    ? null
    : Array.from(rows.ts.keys()).sort((a, b) => rows.ts[a]! - rows.ts[b]!);
  const inOrder = <Value>(values: ArrayLike<Value>) => (order ? order.map((i) => values[i]!) : values);
  const contracts = {
    ts: Float64Array.from(inOrder(rows.ts), Math.floor),
    createdAt: inOrder(rows.createdAt),
    openInterest: inOrder(rows.openInterest),
  };
  return {
    ...{ symbol, hour, source },
    ...contracts,
    columns() {
      const { openInterestUsd, markPrice, fundingRate } = rows.columns();
      return {
        ...contracts,
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
  const opened = hours.map(({ symbol, source, columns }) => {
    const all = columns();
    return Array.from(all.ts, (_, i) => storedAt({ symbol, source }, all, i));
  });
  return opened.length === 1 ? opened[0]! : mergeTiers(opened.flat(), []);
}

/** Written out: copying a sample by spread costs more than decoding it. */
export function storedAt(
  { symbol, source }: Pick<HourKey, 'symbol' | 'source'>,
  columns: SampleColumns,
  i: number,
): StoredSample {
  return {
    symbol,
    openInterest: columns.openInterest[i]!,
    openInterestUsd: columns.openInterestUsd[i]!,
    markPrice: columns.markPrice[i]!,
    fundingRate: columns.fundingRate[i]!,
    ts: columns.ts[i]!,
    source,
    createdAt: columns.createdAt[i]!,
  };
}
