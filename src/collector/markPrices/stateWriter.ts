import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { describeError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import { writeJsonFile } from '../process/fileState.ts';

/** Writes a file that other programs read, at most once a second, and only when there is something new. */
export function createStateWriter(options: {
  file: string;
  content: () => unknown;
  clock: Clock;
  logger: Logger;
}) {
  const { file, content, clock, logger } = options;
  let isNew = false;
  let fault: string | null = null;
  let loop: Loop | undefined;

  async function write(): Promise<void> {
    if (!isNew) return;
    isNew = false;
    try {
      await writeJsonFile(file, content());
      fault = null;
    } catch (thrown) {
      isNew = true;
      throw thrown;
    }
  }

  function report(error: Error): void {
    if (fault === null) logger.warn({ err: error, file }, 'cannot write the price file');
    fault = `${file} cannot be written: ${describeError(error)}`;
  }

  return {
    start(): void {
      loop = startLoop({ clock, everyMs: SECOND_MS, task: write, onError: report });
    },
    /** There is something new to write. */
    changed(): void {
      isNew = true;
    },
    /** Writes what is new, and ends. */
    async stop(): Promise<void> {
      await loop?.stop();
      await write().catch(report);
    },
    /** Why the file cannot be written; `null`: it can. */
    fault: () => fault,
  };
}
