import { BoundedMap } from '../../kit/boundedMap.ts';
import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { MOST_AHEAD_MS } from '../ingest/ingest.types.ts';
import { normaliseSymbol } from '../ingest/parse.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { createListedSymbols } from './listedSymbols.ts';
import {
  selectMinutes,
  selectOffered,
  selectPoints,
  upsertMinutes,
  upsertPoints,
  upsertView,
} from './positioning.repository.ts';
import {
  MOST_POSITIONING_SYMBOLS,
  POSITIONING_KEPT_MS,
  type LiquidationMinute,
  type LiquidationsUpdate,
  type PositioningBody,
  type PositioningSymbols,
  type PositioningUpdate,
} from './positioning.types.ts';

/** How long a symbol is read after a page last showed it. An open page reads again every minute. */
const VIEWED_MS = 15 * MINUTE_MS;
/** A symbol that many users look at is noted this often. */
const NOTE_EVERY_MS = 30 * SECOND_MS;

type Ctx = Pick<OpenInterestContext, 'stores' | 'clock' | 'board' | 'universe' | 'logger'>;

/**
 * What traders of a symbol hold. Only the symbols that users look at, and those in their lists, are read from the exchange:
 * reading one notes it for the collectors. All state is in Postgres, so that every node has the same answer, also after a restart.
 */
export function createPositioning(ctx: Ctx) {
  const { stores, clock, board, universe } = ctx;
  const notedAt = new BoundedMap<string, number>(10 * MOST_POSITIONING_SYMBOLS);
  const listed = createListedSymbols(ctx);
  const isKnown = (symbol: string): boolean => board.get(symbol) !== undefined || universe.has(symbol);
  const isRecent = (at: number): boolean =>
    at >= clock.now() - POSITIONING_KEPT_MS && at <= clock.now() + MOST_AHEAD_MS;

  /** An unknown name would take the place of a symbol that the exchange can answer for. */
  async function noteView(symbol: string): Promise<void> {
    const now = clock.now();
    // The clock may have been set back.
    if (!isKnown(symbol) || Math.abs(now - (notedAt.get(symbol) ?? -Infinity)) < NOTE_EVERY_MS) return;
    notedAt.set(symbol, now);
    await upsertView(stores.write, symbol, new Date(now)).catch((thrown: unknown) => {
      notedAt.delete(symbol);
      throw thrown;
    });
  }

  return {
    /** The last day of a symbol, which is read from now on. */
    async view(symbol: string): Promise<PositioningBody> {
      const since = new Date(clock.now() - POSITIONING_KEPT_MS);
      await noteView(symbol);
      const [points, liquidations] = await Promise.all([
        selectPoints(stores.read, symbol, since),
        selectMinutes(stores.read, symbol, since),
      ]);
      return { symbol, points, liquidations };
    },
    /** The symbols that users have looked at lately, then those in most of their lists. */
    offered: async (): Promise<PositioningSymbols['symbols']> =>
      selectOffered(stores.write, {
        since: new Date(clock.now() - VIEWED_MS),
        listed: await listed(),
        limit: MOST_POSITIONING_SYMBOLS,
      }),
    /** Resolves with the number of points that were stored: those of the last day, of a symbol on the board. */
    async putPoints({ symbol: name, points }: PositioningUpdate): Promise<number> {
      const symbol = normaliseSymbol(name);
      const byTs = new Map(points.filter((it) => isRecent(it.ts)).map((it) => [it.ts, it]));
      if (symbol === null || !isKnown(symbol) || byTs.size === 0) return 0;
      // In one order, so that two collectors that post at once do not wait for each other.
      const sorted = [...byTs.values()].toSorted((a, b) => a.ts - b.ts);
      await upsertPoints(stores.write, symbol, sorted);
      return byTs.size;
    },
    /** Resolves with the number of minutes that were stored: those of the last day, of symbols on the board. */
    async putMinutes({ minutes }: LiquidationsUpdate): Promise<number> {
      const byKey = new Map<string, LiquidationMinute & { symbol: string }>();
      for (const it of minutes) {
        const symbol = normaliseSymbol(it.symbol);
        if (symbol === null || !isKnown(symbol) || !isRecent(it.minute)) continue;
        byKey.set(`${symbol} ${it.minute}`, { ...it, symbol });
      }
      const sorted = [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => it);
      if (sorted.length > 0) await upsertMinutes(stores.write, sorted);
      return sorted.length;
    },
  };
}
