import { z } from 'zod';
import { DAY_MS, type Clock } from '../../../kit/clock.ts';
import { coerceError } from '../../../kit/errors.ts';
import type { Logger } from '../../../kit/logger.ts';
import { readOptionalJsonFile, writeJsonFileDurably } from '../../process/fileState.ts';

/** A time in which nothing may be sent to the exchange. */
type Ban = {
  kind: 'banned' | 'throttled';
  /** From now on. */
  remainingMs: number;
  /** How many bans in a row, this one included: without a word from the exchange each is taken to be twice as long. */
  offences: number;
};

/** The exchange's longest. A file that says more is wrong. */
export const LONGEST_BAN_MS = 3 * DAY_MS;

/**
 * `{"kind":"banned","from":1795183200000,"until":1795183320000,"offences":1}`: epoch ms of the system's clock, for no
 * other outlives the process.
 */
const StoredBan = z.object({
  kind: z.enum(['banned', 'throttled']),
  from: z.number(),
  until: z.number(),
  offences: z.number().int().min(0).max(1_000).catch(0),
});

export type BanState = ReturnType<typeof createBanState>;

/**
 * Keeps a ban over a restart: a collector that forgot it would ask during the ban, and the exchange would lengthen it.
 * `clock` is the system's. A file that cannot be read means no known ban, one that cannot be written a warning: neither
 * keeps the collector from working.
 */
export function createBanState(options: { file: string; clock: Clock; logger: Logger }) {
  const { file, clock, logger } = options;

  return {
    /** `null`: no ban is known, or it is over. */
    load(): Ban | null {
      let stored;
      try {
        stored = StoredBan.safeParse(readOptionalJsonFile(file));
      } catch (thrown) {
        logger.warn({ err: coerceError(thrown) }, 'the kept ban cannot be read');
        return null;
      }
      if (!stored.success) return null;
      const { kind, from, until, offences } = stored.data;
      // The clock may have been set since; a ban is never longer than it was when it began.
      const remainingMs = Math.min(until - clock.now(), until - from, LONGEST_BAN_MS);
      return remainingMs > 0 ? { kind, remainingMs, offences } : null;
    },
    save({ kind, remainingMs, offences }: Ban): void {
      const from = clock.now();
      try {
        writeJsonFileDurably(file, { kind, from, until: from + remainingMs, offences });
      } catch (thrown) {
        logger.warn({ err: coerceError(thrown) }, 'a ban cannot be kept over a restart');
      }
    },
  };
}
