import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { coerceError } from '../../kit/errors.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';

export const DEAD_LETTER_FILE = 'dead-letters.jsonl';
const MAX_BYTES = 64 * 1_024 * 1_024;

type DeadLetter = { what: string; status: number; reason: string; body: string };
export type DeadLetters = ReturnType<typeof createDeadLetters>;

/** What the server rejects for good, one JSON line each, with the reason and the body for inspection and sending by hand. */
export function createDeadLetters({ dir, clock, logger }: { dir: string; clock: Clock; logger: Logger }) {
  const file = path.join(dir, DEAD_LETTER_FILE);

  return {
    write(letter: DeadLetter): void {
      const { what, status, reason } = letter;
      const line = `${JSON.stringify({ at: new Date(clock.now()).toISOString(), ...letter })}\n`;
      logger.error(
        { what, status, reason, file },
        'server rejected a request for good, see the dead-letter file',
      );
      try {
        mkdirSync(dir, { recursive: true });
        const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
        if (size + Buffer.byteLength(line) <= MAX_BYTES)
          appendFileSync(file, line, { mode: 0o600, flush: true });
        else logger.error({ file, maxBytes: MAX_BYTES }, 'dead-letter file is full; inspect and remove it');
      } catch (thrown) {
        // Counted as dead all the same: a full disk must not turn a rejection into endless retries.
        logger.error({ err: coerceError(thrown), file }, 'cannot write dead-letter file');
      }
    },
  };
}
