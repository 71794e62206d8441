import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { coerceError } from '../../kit/errors.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';

export const DEAD_LETTER_FILE = 'dead-letters.jsonl';
const MAX_BYTES = 64 * 1_024 * 1_024;

export type DeadLetters = ReturnType<typeof createDeadLetters>;

/**
 * What the server will never take, one JSON line each: what it was, what the server said, and the body, so that a person
 * can see what was wrong with it and send it by hand.
 */
export function createDeadLetters(options: { dir: string; clock: Clock; logger: Logger; maxBytes?: number }) {
  const { dir, clock, logger, maxBytes = MAX_BYTES } = options;
  const file = path.join(dir, DEAD_LETTER_FILE);

  return {
    write({
      what,
      status,
      reason,
      body,
    }: {
      what: string;
      status: number;
      reason: string;
      body: string;
    }): void {
      const line = `${JSON.stringify({ at: new Date(clock.now()).toISOString(), what, status, reason, body })}\n`;
      logger.error(
        { what, status, reason, file },
        'the server refuses what it was sent, see the dead-letter file',
      );
      try {
        mkdirSync(dir, { recursive: true });
        if (sizeOf(file) + Buffer.byteLength(line) > maxBytes) {
          logger.error({ file, maxBytes }, 'the dead-letter file is full; look at it and remove it');
          return;
        }
        appendFileSync(file, line, { mode: 0o600, flush: true });
      } catch (thrown) {
        // It is counted as dead all the same: a full disk must not turn a refusal into endless attempts.
        logger.error({ err: coerceError(thrown), file }, 'the dead-letter file cannot be written');
      }
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
