import type { PackedHour } from '../history/hourColumns.ts';
import type { Past } from './replayPast.ts';

/** Of one symbol. */
type Wanted = { symbol: string; hour: number };

export type ReadHours = (wanted: readonly Wanted[]) => Promise<PackedHour[]>;

/** Hours that a statement reads: half a megabyte of blocks. */
const HOURS_AT_ONCE = 240;

/** The hours, sorted, that the replay of a symbol needs, and where they go. */
type Need = { symbol: string; hours: readonly number[]; past: Past };

/** One statement after the other: a replay leaves connections to others. */
export function inTurn(readHours: ReadHours): ReadHours {
  let reading: Promise<unknown> = Promise.resolve();
  return (wanted) => {
    const found = reading.then(() => readHours(wanted));
    reading = found.catch(() => undefined);
    return found;
  };
}

/**
 * Reads the hours that a replay needs in the order in which it needs them, many at once over all symbols, so that the next
 * ones are there in time and few are held.
 */
export function createHourReader(readHours: ReadHours) {
  /** In the order of their use; those before `asked` are read or being read. */
  const queue: (Wanted & { past: Past })[] = [];
  let [asked, reached] = [0, 0];

  function readNext(): void {
    const part = queue.slice(asked, asked + HOURS_AT_ONCE);
    asked += part.length;
    const found = readHours(part);
    for (const past of new Set(part.map((it) => it.past))) {
      const of = part.filter((it) => it.past === past);
      past.expect(
        of.map((it) => it.hour),
        found.then((hours) => hours.filter((it) => it.symbol === of[0]!.symbol)),
      );
    }
  }

  function readOn(): void {
    while (asked < queue.length && asked < reached + HOURS_AT_ONCE) readNext();
  }

  return {
    /** Answers a function that is called with each hour before it is used. */
    add({ symbol, hours, past }: Need): (hour: number) => void {
      let at = queue.length;
      const end = at + hours.length;
      for (const hour of hours) queue.push({ symbol, hour, past });
      readOn();
      return (hour) => {
        while (at < end && queue[at]!.hour <= hour) at += 1;
        reached = Math.max(reached, at);
        readOn();
      };
    },
  };
}
