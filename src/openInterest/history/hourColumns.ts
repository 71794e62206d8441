import type { Queryable } from '../../platform/database/postgres.ts';
import type { Source } from '../openInterest.types.ts';
import { unpackContracts } from './blocks.ts';
import type { ContractColumns } from './codec/hourCodec.ts';
import { daysWithin, endOf, startOf } from './days.ts';
import { selectHotHours } from './hotHours.repository.ts';
import { selectPayloads } from './hours.repository.ts';
import type { StoredSample } from './samples.repository.ts';
import { mergeTiers, openBlock } from './tiers.ts';
import { HOUR_MS } from '../../kit/clock.ts';

/** Times and contracts of one symbol, hour and source of one tier, by time; `open` decodes the rest of its samples. */
export type HourColumns = ContractColumns & { hour: number; source: Source; open: () => StoredSample[] };

/**
 * Some hours of a symbol, at least one, epoch ms and sorted, over both tiers, those of the cold one first: at most some days.
 * `hotDays` are the days that have partitions. The hot tier is read first, so what is compacted meanwhile is found twice and
 * never missed.
 */
export async function readHourColumns(
  db: Queryable,
  query: { symbol: string; hours: readonly number[]; hotDays: readonly string[] },
): Promise<HourColumns[]> {
  const { symbol, hours, hotDays } = query;
  const hot: HourColumns[] = [];
  for (const day of daysWithin(hotDays, { from: hours[0]!, to: hours.at(-1)! + HOUR_MS })) {
    const ofDay = hours.filter((hour) => hour >= startOf(day) && hour < endOf(day));
    if (ofDay.length === 0) continue;
    const range = { from: ofDay[0]!, to: ofDay.at(-1)! + HOUR_MS };
    for (const { hour, source, samples } of await selectHotHours(db, { symbol, hours: ofDay, ...range })) {
      const sorted = samples.toSorted((a, b) => a.ts - b.ts);
      hot.push({
        hour,
        source,
        ts: sorted.map((it) => Math.floor(it.ts)),
        createdAt: sorted.map((it) => it.createdAt),
        openInterest: sorted.map((it) => it.openInterest),
        open: () => sorted.map((it) => ({ ...it, ts: Math.floor(it.ts), symbol, source })),
      });
    }
  }
  const cold = (await selectPayloads(db, symbol, hours)).map((block) => ({
    hour: block.hour,
    source: block.source,
    ...unpackContracts(block),
    open: () => openBlock(block),
  }));
  return [...cold, ...hot];
}

/** By time and then by source, each sample once, as one list of both tiers. */
export function openHours(columns: readonly HourColumns[]): StoredSample[] {
  if (columns.length === 1) return columns[0]!.open();
  return mergeTiers(
    columns.flatMap((it) => it.open()),
    [],
  );
}
