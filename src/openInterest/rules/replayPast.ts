import { HOUR_MS } from '../../kit/clock.ts';
import { openHours, storedAt, type HourColumns, type PackedHour } from '../history/hourColumns.ts';
import type { StoredSample } from '../history/samples.repository.ts';
import { createPointWindow } from './pointWindow.ts';
import { firstFrom, type Points } from './points.ts';

/** Reads hours, epoch ms and sorted, of one symbol. */
type ReadHours = (hours: readonly number[]) => Promise<PackedHour[]>;

/** The hours of a symbol that were read last; `ranges`: all that it has. */
export function createPast(ranges: readonly { hour: number }[], readHours: ReadHours) {
  const known = new Set(ranges.map((it) => it.hour));
  const held = new Map<number, HeldHour>();
  /** Hours that are being read. */
  const coming = new Map<number, Promise<void>>();
  let forgottenTo = ranges[0]?.hour ?? 0;

  const isMissing = (hour: number): boolean => known.has(hour) && !held.has(hour);

  function take(hours: readonly number[], found: readonly PackedHour[]): void {
    const packed = new Map(hours.map((hour) => [hour, [] as PackedHour[]]));
    for (const it of found) packed.get(it.hour)?.push(it);
    for (const [hour, of] of packed) held.set(hour, holdHour(of));
  }

  async function readMissing(hours: readonly number[]): Promise<void> {
    await Promise.all(hours.flatMap((hour) => coming.get(hour) ?? []));
    const missing = hours.filter(isMissing);
    if (missing.length > 0) take(missing, await readHours(missing));
  }

  return {
    /** Hours that are on their way, so that they are there when they are needed. */
    expect(hours: readonly number[], found: Promise<readonly PackedHour[]>): void {
      const taken = found.then((packed) => take(hours, packed));
      // Its error is met where the hours are needed.
      taken.catch(() => undefined);
      for (const hour of hours) coming.set(hour, taken);
    },
    /**
     * Answers a function that answers the samples of the whole hours in [from, to), epoch ms, neither earlier than before; they
     * are valid until its next call.
     */
    follow(): (hours: { from: number; to: number }) => Promise<Points> {
      const window = createPointWindow();
      let windowTo = 0;
      return async ({ from, to }) => {
        window.dropBefore(from);
        const hours = hoursBetween(Math.max(from, windowTo), to);
        if (hours.some(isMissing)) await readMissing(hours);
        for (const hour of hours) window.add(held.get(hour)?.columns() ?? []);
        windowTo = to;
        return window.points();
      };
    },
    /** Samples in [from, to), epoch ms, oldest first. */
    async samplesOf(from: number, to: number): Promise<StoredSample[]> {
      const hours = hoursBetween(from, to);
      if (hours.some(isMissing)) await readMissing(hours);
      const samples = hours.flatMap((hour) => held.get(hour)?.samples() ?? []);
      return samples.filter(({ ts }) => ts >= from && ts < to);
    },
    /** The sample of that time, of an hour that is read and in which no other sample has it. */
    sampleAt(ts: number): StoredSample {
      for (const hour of held.get(Math.floor(ts / HOUR_MS) * HOUR_MS)?.columns() ?? []) {
        const i = firstFrom(hour.ts, ts);
        if (hour.ts[i] === ts) return storedAt(hour, hour.prices(), i);
      }
      throw new Error(`the hour of ${ts} is not read`);
    },
    /** `before`: a whole hour, epoch ms. */
    forgetBefore(before: number): void {
      for (; forgottenTo < before; forgottenTo += HOUR_MS) {
        held.delete(forgottenTo);
        coming.delete(forgottenTo);
      }
    },
  };
}

export type Past = ReturnType<typeof createPast>;

/** What a symbol has in one hour, of each source and tier; decoded when it is used. */
function holdHour(packed: readonly PackedHour[]) {
  let columns: HourColumns[] | null = null;
  let samples: StoredSample[] | null = null;
  const open = (): HourColumns[] => (columns ??= packed.map((it) => it.open()));
  return { columns: open, samples: (): StoredSample[] => (samples ??= openHours(open())) };
}

type HeldHour = ReturnType<typeof holdHour>;

/** The hours that have a part in [from, to), epoch ms. */
function hoursBetween(from: number, to: number): number[] {
  const hours: number[] = [];
  for (let hour = Math.floor(from / HOUR_MS) * HOUR_MS; hour < to; hour += HOUR_MS) hours.push(hour);
  return hours;
}
