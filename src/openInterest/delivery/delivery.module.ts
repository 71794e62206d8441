import type { Registry } from 'prom-client';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { Releasers } from '../../kit/lifecycle.ts';
import { every, inBatches, varying } from '../../kit/loop.ts';
import type { Route } from '../../platform/http/route.ts';
import { deliveryTotals, replaceSecrets, selectSecretsAfter } from './channels.repository.ts';
import type { DeliveryContext } from './delivery.context.ts';
import { createDeliveryRoutes } from './delivery.routes.ts';
import { createKinds } from './kinds/kinds.ts';
import { deleteOldDeliveries } from './ledger.repository.ts';
import { createDeliveryMetrics } from './metrics.ts';
import { createPoster } from './post.ts';
import { createSecretBox } from './secretBox.ts';
import { createSender } from './sender.ts';
import { failExpired } from './sending.repository.ts';
import { createTestLimit } from './testLimit.ts';

/** After this a delivery fails for good. */
const TRIED_FOR_MS = 3 * DAY_MS;
const LEDGER_MS = 90 * DAY_MS;
const POLL_MS = SECOND_MS;
const TOTALS_MS = 10 * SECOND_MS;
/** Rows that one statement changes well within its time limit. */
const BATCH = 5_000;

type DeliveryDeps = Pick<DeliveryContext, 'settings' | 'stores' | 'clock' | 'logger'> & {
  registry: Registry;
};

/** Wires up channels, outbox and ledger. */
export function createDelivery({ registry, ...deps }: DeliveryDeps) {
  const { settings, clock, logger } = deps;
  const ctx: DeliveryContext = {
    ...deps,
    metrics: createDeliveryMetrics(registry),
    secrets: createSecretBox(settings.secretsKeys),
    poster: createPoster({ clock, policy: settings.receivers }),
    kinds: createKinds(settings, clock),
    mayTest: createTestLimit(clock),
  };
  const db = ctx.stores.upkeep;

  return {
    routes: createDeliveryRoutes(ctx) satisfies Route[],
    /** Starts to send; each loop pushes its own stop. */
    start(releasers: Releasers): void {
      const loops = { clock, logger, releasers };
      releasers.push('receivers', () => ctx.poster.close());
      const sender = createSender({ ...ctx, db });
      releasers.push('alert sender', () => sender.stop());
      every(loops, 'alert deliveries', varying(POLL_MS), sender.sendDue);
      every(loops, 'delivery totals', TOTALS_MS, async () => ctx.metrics.setTotals(await deliveryTotals(db)));
      every(loops, 'expired deliveries', MINUTE_MS, () =>
        inBatches(BATCH, (limit) => failExpired(db, TRIED_FOR_MS, limit)),
      );
      every(loops, 'delivery ledger', HOUR_MS, () =>
        inBatches(BATCH, (limit) => deleteOldDeliveries(db, LEDGER_MS, limit)),
      );
      every(loops, 'channel secrets', HOUR_MS, () => renewSecrets(ctx), { immediately: true });
    },
  };
}

/** Encrypts with the newest key what an older one has encrypted, so that the older one can be removed. */
async function renewSecrets({ secrets, stores, logger }: DeliveryContext): Promise<void> {
  if (!secrets.isReady) return;
  const counts = { renewed: 0, unreadable: 0 };
  let after: string | null = null;
  for (;;) {
    const rows = await selectSecretsAfter(stores.upkeep, after, BATCH);
    for (const { id, secrets: box } of rows) {
      if (secrets.isCurrent(box)) continue;
      const renewed = secrets.renew(box, id);
      if (renewed) counts.renewed += await replaceSecrets(stores.upkeep, id, box, renewed);
      else counts.unreadable += 1;
    }
    after = rows.at(-1)?.id ?? null;
    if (rows.length < BATCH) break;
  }
  if (counts.renewed > 0) logger.info(counts, 'channel secrets encrypted with the newest key');
  if (counts.unreadable > 0) {
    logger.warn(counts, 'channel secrets need a key that ALERT_SECRETS_KEYS does not have');
  }
}
