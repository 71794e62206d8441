import { HOUR_MS } from '../../kit/clock.ts';
import type { PackedHour } from '../history/hourColumns.ts';
import type { Past } from './replayPast.ts';

/** Of one symbol. */
type Wanted = { symbol: string; hour: number };

export type ReadHours = (wanted: readonly Wanted[]) => Promise<PackedHour[]>;

/** The hours, sorted, that the replay of a symbol needs, and where they go. */
type Need = { symbol: string; hours: readonly number[]; past: Past };

type Place = Wanted & { past: Past };

/** Hours of the cold tier that a statement reads: a megabyte of blocks. */
const HOURS_AT_ONCE = 480;
/** So much of the hot tier, of the symbols of a group, is one statement: two megabytes at most. */
const HOT_PART_MS = 4 * HOUR_MS;
/** They keep the database busy while hours are decoded. */
const STATEMENTS_AT_ONCE = 2;
/** That many are read, or are there and not used yet. */
const HOURS_AHEAD = 4 * HOURS_AT_ONCE;

/**
 * Reads the hours that a replay needs before it needs them, two statements at a time: those of the cold tier in the order of
 * their use, many at once over all symbols, so that few are held; and between them those of the hot tier, some hours for all
 * symbols of a group, because there the rows of all symbols at one time share their pages.
 */
export function createHourReader({
  readHours,
  isHot,
}: {
  readHours: ReadHours;
  isHot: (hour: number) => boolean;
}) {
  /** In the order of their use; those before `asked` are read or being read. */
  const queue: Place[] = [];
  let [asked, reached] = [0, 0];
  const inTurn = createTurns();
  const read = (turn: Turn, part: readonly Place[]): void =>
    expectHours(
      part,
      inTurn(turn, () => readHours(part)),
    );

  function readOn(): void {
    while (asked < queue.length && asked < reached + HOURS_AHEAD) {
      const part = queue.slice(asked, asked + HOURS_AT_ONCE);
      asked += part.length;
      read('first', part);
    }
  }

  /** Answers a function that is called with each hour before it is used. */
  function enqueue(places: readonly Place[]): (hour: number) => void {
    let at = queue.length;
    const end = at + places.length;
    for (const place of places) queue.push(place);
    return (hour) => {
      while (at < end && queue[at]!.hour <= hour) at += 1;
      reached = Math.max(reached, at);
      readOn();
    };
  }

  return {
    /** The same, for each symbol of a group. */
    addGroup(needs: readonly Need[]): ((hour: number) => void)[] {
      const places = needs.map(({ symbol, hours, past }) => hours.map((hour) => ({ symbol, hour, past })));
      const hot = groupBy(
        places.flat().filter(({ hour }) => isHot(hour)),
        ({ hour }) => Math.floor(hour / HOT_PART_MS),
      );
      for (const nth of [...hot.keys()].toSorted((a, b) => a - b)) read('last', hot.get(nth)!);
      const reach = places.map((of) => enqueue(of.filter(({ hour }) => !isHot(hour))));
      readOn();
      return reach;
    },
  };
}

function expectHours(part: readonly Place[], found: Promise<readonly PackedHour[]>): void {
  const bySymbol = found.then((hours) => groupBy(hours, ({ symbol }) => symbol));
  for (const [symbol, of] of groupBy(part, (it) => it.symbol)) {
    const hours = of.map((it) => it.hour);
    of[0]!.past.expect(
      hours,
      bySymbol.then((found) => found.get(symbol) ?? []),
    );
  }
}

/** What is `last` begins when nothing waits that is `first`. */
type Turn = 'first' | 'last';

function createTurns() {
  const waiting: Record<Turn, (() => Promise<void>)[]> = { first: [], last: [] };
  let running = 0;

  async function readAll(): Promise<void> {
    if (running === STATEMENTS_AT_ONCE) return;
    running += 1;
    for (let next; (next = waiting.first.shift() ?? waiting.last.shift());) await next();
    running -= 1;
  }

  return <Found>(turn: Turn, read: () => Promise<Found>): Promise<Found> =>
    new Promise((resolve, reject) => {
      waiting[turn].push(() => read().then(resolve, reject));
      void readAll();
    });
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
