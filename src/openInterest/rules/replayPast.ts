import { HOUR_MS } from '../../kit/clock.ts';
import { openHours, storedAt, type HourColumns } from '../history/hourColumns.ts';
import type { SampleColumns } from '../history/codec/hourCodec.ts';
import type { HourRange } from '../history/ranges.repository.ts';
import type { StoredSample } from '../history/samples.repository.ts';
import { firstFrom } from './points.ts';

/** Reads hours, epoch ms and sorted, of one symbol. */
type ReadHours = (hours: readonly number[]) => Promise<HourColumns[]>;

/** The hours of a symbol that were read last; `ranges`: all that it has. */
export function createPast(ranges: readonly HourRange[], readHours: ReadHours) {
  const known = new Set(ranges.map((it) => it.hour));
  const held = new Map<number, { columns: HourColumns[]; samples: StoredSample[] | null }>();
  const decoded = new WeakMap<HourColumns, SampleColumns>();
  let reading = Promise.resolve();

  const isMissing = (hour: number): boolean => known.has(hour) && !held.has(hour);

  async function load(hours: readonly number[]): Promise<void> {
    const missing = hours.filter(isMissing);
    const found = missing.length === 0 ? [] : await readHours(missing);
    for (const hour of missing) held.set(hour, { columns: [], samples: null });
    for (const column of found) held.get(column.hour)!.columns.push(column);
  }

  /** One reading after the other; the caller may wait for it, or go on. */
  function read(hours: readonly number[]): Promise<void> {
    reading = reading.then(() => load(hours));
    // Its error is met where the hours are needed.
    reading.catch(() => undefined);
    return reading;
  }

  function samplesOfHour(hour: number): StoredSample[] {
    const of = held.get(hour);
    if (!of) return [];
    of.samples ??= openHours(of.columns);
    return of.samples;
  }

  function allOf(hour: HourColumns): SampleColumns {
    let all = decoded.get(hour);
    if (!all) decoded.set(hour, (all = hour.columns()));
    return all;
  }

  return {
    /** Begins to read these hours, so that they are there when they are needed. */
    prepare: (hours: readonly number[]): void => void read(hours),
    async columnsOf(hours: readonly number[]): Promise<HourColumns[]> {
      if (hours.some(isMissing)) await read(hours);
      return hours.flatMap((hour) => held.get(hour)?.columns ?? []);
    },
    /** Samples in [from, to), epoch ms, oldest first. */
    async samplesOf(from: number, to: number): Promise<StoredSample[]> {
      const hours = hoursBetween(from, to);
      if (hours.some(isMissing)) await read(hours);
      return hours.flatMap((hour) => samplesOfHour(hour).filter(({ ts }) => ts >= from && ts < to));
    },
    /** The sample of that time, of an hour that is read and in which no other sample has it. */
    sampleAt(ts: number): StoredSample {
      for (const hour of held.get(Math.floor(ts / HOUR_MS) * HOUR_MS)?.columns ?? []) {
        const i = firstFrom(hour.ts, ts);
        if (hour.ts[i] === ts) return storedAt(hour, allOf(hour), i);
      }
      throw new Error(`the hour of ${ts} is not read`);
    },
    forgetBefore(before: number): void {
      for (const hour of held.keys()) if (hour < before) held.delete(hour);
    },
  };
}

export type Past = ReturnType<typeof createPast>;

/** The hours that have a part in [from, to), epoch ms. */
export function hoursBetween(from: number, to: number): number[] {
  const hours: number[] = [];
  for (let hour = Math.floor(from / HOUR_MS) * HOUR_MS; hour < to; hour += HOUR_MS) hours.push(hour);
  return hours;
}
