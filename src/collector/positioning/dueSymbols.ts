import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import {
  POSITIONING_EVERY_MS,
  POSITIONING_KEPT_MS,
  type PositioningSymbols,
} from '../../openInterest/positioning/positioning.types.ts';

/** The exchange publishes a point some seconds after its time. */
const PUBLISHED_AFTER_MS = 20 * SECOND_MS;
/** A symbol that could not be read lets others go first. */
const REST_MS = MINUTE_MS;
/** Read again with the new points, as one of the four figures may have been published later than the others. */
const OVERLAP = 2;

type DueSymbol = {
  symbol: string;
  /** Points to read, up to the newest. */
  limit: number;
};

export type DueSymbols = ReturnType<typeof createDueSymbols>;

/** Which symbol is read next: one that was never read, else the first listed one whose next point is published. */
export function createDueSymbols() {
  const notBefore = new Map<string, number>();

  const newestMark = (now: number): number =>
    Math.floor((now - PUBLISHED_AFTER_MS) / POSITIONING_EVERY_MS) * POSITIONING_EVERY_MS;

  return {
    /** `now`: epoch ms by the exchange's clock. */
    next(symbols: PositioningSymbols['symbols'], now: number): DueSymbol | null {
      const listed = new Set(symbols.map((it) => it.symbol));
      for (const symbol of notBefore.keys()) if (!listed.has(symbol)) notBefore.delete(symbol);
      const mark = newestMark(now);
      const due = symbols.filter(
        ({ symbol, lastTs }) => (lastTs ?? 0) < mark && now >= (notBefore.get(symbol) ?? -Infinity),
      );
      const found = due.find((it) => it.lastTs === null) ?? due[0];
      if (!found) return null;
      const missing = found.lastTs === null ? Infinity : (mark - found.lastTs) / POSITIONING_EVERY_MS;
      const most = POSITIONING_KEPT_MS / POSITIONING_EVERY_MS;
      return { symbol: found.symbol, limit: Math.min(most, Math.ceil(missing) + OVERLAP) };
    },
    /** The exchange has answered, or has nothing for this symbol: its next point is the next to read. */
    wasRead: (symbol: string, now: number): void => {
      notBefore.set(symbol, newestMark(now) + POSITIONING_EVERY_MS + PUBLISHED_AFTER_MS);
    },
    failed: (symbol: string, now: number): void => {
      notBefore.set(symbol, now + REST_MS);
    },
  };
}
