import { MINUTE_MS, SECOND_MS } from '../kit/clock.ts';
import { every } from '../kit/loop.ts';
import { sleep } from '../kit/sleep.ts';
import { createDropWatch } from './backfill/drops.ts';
import type { CollectorContext } from './collector.context.ts';
import { steadyClock } from './process/steadyClock.ts';
import type { ServerClient } from './server/client.ts';
import { createDeadLetters } from './spool/deadLetters.ts';
import { createOutbox } from './spool/outbox.ts';
import { createSender } from './spool/sender.ts';
import { createSpool } from './spool/spool.ts';
import { createKeyValue } from './store/keyValue.repository.ts';
import type { Store } from './store/sqlite.ts';

/** How long shutdown waits for what dashboards need; the rest stays on the disk. */
const DRAIN_MS = 3 * SECOND_MS;
/** Expired samples of a whole day are dropped in batches, with time for other work between them. */
const NEXT_BATCH_MS = SECOND_MS;

export type Spooling = ReturnType<typeof openSpooling>;

/** The path from a job to the server: store, spool, sender, and what was dropped on the way. */
export function openSpooling(context: CollectorContext, store: Store, server: ServerClient) {
  const { config, clock, logger, releasers } = context;
  const drops = createDropWatch(createKeyValue(store));
  const spool = createSpool({ ...context, store, bounds: config.spool, onDropped: drops.dropped });
  const deadLetters = createDeadLetters({ dir: config.stateDir, clock, logger });
  const sender = createSender({ spool, server, deadLetters, clock: steadyClock, logger });
  releasers.push('sender', sender.stop);
  const outbox = createOutbox({ spool, sender, clock });
  releasers.push('outbox', async () => {
    outbox.flush();
    await Promise.race([sender.drain(), sleep(clock, DRAIN_MS)]);
    outbox.stop();
    const { waiting } = spool.status();
    if (waiting > 0) logger.info({ waiting }, 'unsent samples stay in the spool');
  });
  let hasMore = false;
  const everyMs = () => (hasMore ? NEXT_BATCH_MS : MINUTE_MS);
  every(context, 'spool expiry', everyMs, () => {
    hasMore = spool.dropExpired();
  });
  const { waiting, bytes } = spool.status();
  if (waiting > 0) logger.info({ waiting, bytes }, 'spool has unsent samples of an earlier run');
  return { store, spool, sender, outbox, drops };
}
