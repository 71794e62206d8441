import { DAY_MS, HOUR_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Exchange } from '../collector.types.ts';

/** Supplies that are read for the first time after one run of the universe job. */
const FIRST_AT_ONCE = 20;
/** Runs in half a day: the others are read again in so many parts, so that a day's reads do not bunch up. */
const PARTS = 144;
/** How long a symbol whose supply could not be read lets others go first. */
const REST_MS = HOUR_MS;

/** A supply in contracts; `null`: the exchange has no figure. `at`: when it was asked, epoch ms. */
export type Supply = { supply: number | null; at: number };

type SuppliesOptions = {
  exchange: Pick<Exchange, 'circulatingSupply'>;
  clock: Clock;
  logger: Logger;
};

export type Supplies = ReturnType<typeof createSupplies>;

/**
 * Circulating supplies, each read once a day. The server stores when each was read, so a restart does not read them all
 * again.
 */
export function createSupplies({ exchange, clock, logger }: SuppliesOptions) {
  const read = new Map<string, Supply>();
  const failedAt = new Map<string, number>();

  async function readOne(symbol: string, signal: AbortSignal): Promise<void> {
    try {
      read.set(symbol, { supply: await exchange.circulatingSupply(symbol, signal), at: clock.now() });
      failedAt.delete(symbol);
    } catch (thrown) {
      failedAt.set(symbol, clock.now());
      if (!signal.aborted) logger.warn({ symbol, err: coerceError(thrown) }, 'cannot read the supply');
    }
  }

  return {
    /** What this process has read. */
    get: (symbol: string): Supply | undefined => read.get(symbol),
    /**
     * Reads the supplies that are due, one after the other. `askedAt`: by symbol, when the server's was read, epoch ms;
     * `null`: never. Resolves with the number of symbols that had none before.
     */
    async readDue(askedAt: ReadonlyMap<string, number | null>, signal: AbortSignal): Promise<number> {
      const now = clock.now();
      const rested = Array.from(askedAt, ([symbol, at]) => ({
        symbol,
        at: read.get(symbol)?.at ?? at,
      })).filter(({ symbol }) => now - (failedAt.get(symbol) ?? -Infinity) >= REST_MS);
      const first = rested.filter((it) => it.at === null).slice(0, FIRST_AT_ONCE);
      const again = rested
        .filter((it) => it.at !== null && now - it.at >= DAY_MS)
        .toSorted((a, b) => a.at! - b.at!)
        .slice(0, Math.ceil(askedAt.size / PARTS));
      for (const { symbol } of [...first, ...again]) {
        if (signal.aborted) break;
        await readOne(symbol, signal);
      }
      return first.filter(({ symbol }) => read.has(symbol)).length;
    },
  };
}
