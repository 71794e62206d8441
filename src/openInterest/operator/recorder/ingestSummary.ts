import { MINUTE_MS, type Clock } from '../../../kit/clock.ts';
import type { Releasers } from '../../../kit/lifecycle.ts';
import type { Logger } from '../../../kit/logger.ts';
import { startLoop } from '../../../kit/loop.ts';
import type { IngestLog } from './ingestLog.ts';

/** One log line a minute in which chunks came: a line for each of them would be a hundred thousand a day. */
export function startIngestSummary(
  deps: { clock: Clock; logger: Logger; ingestLog: IngestLog },
  releasers: Releasers,
): void {
  const { clock, logger, ingestLog } = deps;
  const loop = startLoop({
    clock,
    everyMs: MINUTE_MS,
    onError: (err) =>
      logger.warn({ err, loop: 'ingest summary' }, 'background work failed, will be tried again'),
    async task() {
      const totals = ingestLog.totalsSince(clock.now() - MINUTE_MS);
      if (totals.chunks > 0) logger.info(totals, 'ingest in the last minute');
    },
  });
  releasers.push('ingest summary', () => loop.stop());
}
