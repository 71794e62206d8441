import type { PackedHour } from '../history/hourColumns.ts';
import type { Past } from './replayPast.ts';

/** Of one symbol. */
type Wanted = { symbol: string; hour: number };

export type ReadHours = (wanted: readonly Wanted[]) => Promise<PackedHour[]>;

/** Hours that a statement reads: half a megabyte of blocks. */
const HOURS_AT_ONCE = 240;

/** The hours, sorted, that the replay of a symbol needs, and where they go. */
type Need = { symbol: string; hours: readonly number[]; past: Past };

/** Of all replays: two keep the database busy while hours are decoded, and more would take connections from other reads. */
const STATEMENTS_AT_ONCE = 2;

/** Begins each reading when the second before it has ended, so that at most two are read at once. */
export function createTurns() {
  const lanes: Promise<unknown>[] = Array.from({ length: STATEMENTS_AT_ONCE }, () => Promise.resolve());
  let count = 0;
  return <Found>(read: () => Promise<Found>): Promise<Found> => {
    const lane = count % lanes.length;
    count += 1;
    const found = lanes[lane]!.then(read);
    lanes[lane] = found.catch(() => undefined);
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
    while (asked < queue.length && asked < reached + STATEMENTS_AT_ONCE * HOURS_AT_ONCE) readNext();
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
