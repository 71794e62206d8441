import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import { startLoop } from '../kit/loop.ts';
import { createDropWatch } from './backfill/drops.ts';
import type { CollectorConfig } from './config.ts';
import type { ServerClient } from './server/client.ts';
import { createDeadLetters } from './spool/deadLetters.ts';
import { createOutbox } from './spool/outbox.ts';
import { createSender } from './spool/sender.ts';
import { createSpool } from './spool/spool.ts';
import { steadyClock } from './process/steadyClock.ts';
import type { Store } from './store/sqlite.ts';
import { createKeyValue } from './store/keyValue.repository.ts';

/** At the end, what screens wait for gets this long; what is not taken by then waits on the disk. */
const LAST_WORDS_MS = 3 * SECOND_MS;
/** A day of samples that have become too old goes in parts, with room for everything else between them. */
const NEXT_PART_MS = SECOND_MS;

export type Spooling = ReturnType<typeof openSpooling>;

/** The way from a job to the server: store, spool, sender, and what was lost on it. */
export function openSpooling(options: {
  config: Pick<CollectorConfig, 'stateDir' | 'spool'>;
  store: Store;
  server: ServerClient;
  clock: Clock;
  logger: Logger;
  releasers: Releasers;
}) {
  const { config, store, server, clock, logger, releasers } = options;
  const { stateDir, spool: bounds } = config;
  const drops = createDropWatch(createKeyValue(store));
  const spool = createSpool({ store, clock, logger, bounds, onDropped: drops.dropped });
  const deadLetters = createDeadLetters({ dir: stateDir, clock, logger });
  const sender = createSender({ spool, server, deadLetters, clock: steadyClock, logger });
  releasers.push('sender', () => sender.stop());
  const outbox = createOutbox({ spool, sender, clock });
  releasers.push('outbox', async () => {
    outbox.flush();
    await Promise.race([
      sender.drain(),
      new Promise<void>((resolve) => void clock.after(LAST_WORDS_MS, resolve)),
    ]);
    outbox.stop();
    const { waiting } = spool.status();
    if (waiting > 0) logger.info({ waiting }, 'what was not sent waits in the spool');
  });
  let isMore = false;
  const tidying = startLoop({
    clock,
    everyMs: () => (isMore ? NEXT_PART_MS : MINUTE_MS),
    task: async () => {
      isMore = spool.dropExpired();
    },
    onError: (err) => logger.warn({ err }, 'the spool could not be tidied'),
  });
  releasers.push('spool tidying', () => tidying.stop());
  const { waiting, bytes } = spool.status();
  if (waiting > 0) logger.info({ waiting, bytes }, 'the spool holds what an earlier run could not send');
  return { store, spool, sender, outbox, drops };
}
