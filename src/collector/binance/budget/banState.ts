import { z } from 'zod';
import { DAY_MS, type Clock } from '../../../kit/clock.ts';
import { coerceError } from '../../../kit/errors.ts';
import type { Logger } from '../../../kit/logger.ts';
import { readOptionalJsonFile, writeJsonFileDurably } from '../../process/fileState.ts';

/** A time in which nothing may be sent to the exchange. */
type Ban = {
  kind: 'banned' | 'throttled';
  remainingMs: number;
  /** Bans in a row, this one included: each is assumed to last twice as long as the one before. */
  offences: number;
};

/** The exchange's longest ban; a longer one in the file is wrong. */
export const LONGEST_BAN_MS = 3 * DAY_MS;

/**
 * `{"kind":"banned","from":1795183200000,"until":1795183320000,"offences":1}`: epoch ms of the system clock,
 * the only one that outlives the process.
 */
const StoredBan = z.object({
  kind: z.enum(['banned', 'throttled']),
  from: z.number(),
  until: z.number(),
  offences: z.number().int().min(0).max(1_000).catch(0),
});

export type BanState = ReturnType<typeof createBanState>;

/**
 * Stores a ban over a restart: requests during a ban would prolong it. `clock` is the system's. A file that cannot be read
 * means that no ban is known, one that cannot be written is a warning: neither stops the collector.
 */
export function createBanState(options: { file: string; clock: Clock; logger: Logger }) {
  const { file, clock, logger } = options;

  return {
    /** `null`: no ban is known, or it has ended. */
    load(): Ban | null {
      let stored;
      try {
        stored = StoredBan.safeParse(readOptionalJsonFile(file));
      } catch (thrown) {
        logger.warn({ err: coerceError(thrown) }, 'cannot read stored ban');
        return null;
      }
      if (!stored.success) return null;
      const { kind, from, until, offences } = stored.data;
      // The clock may have been set since: a ban never lasts longer than when it began.
      const remainingMs = Math.min(until - clock.now(), until - from, LONGEST_BAN_MS);
      return remainingMs > 0 ? { kind, remainingMs, offences } : null;
    },
    save({ kind, remainingMs, offences }: Ban): void {
      const from = clock.now();
      try {
        writeJsonFileDurably(file, { kind, from, until: from + remainingMs, offences });
      } catch (thrown) {
        logger.warn({ err: coerceError(thrown) }, 'cannot store ban');
      }
    },
  };
}
