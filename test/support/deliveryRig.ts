import { randomBytes, randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { startLoop } from '../../src/kit/loop.ts';
import type { ChannelKind } from '../../src/openInterest/delivery/channel.types.ts';
import { insertOptionalChannel } from '../../src/openInterest/delivery/channels.repository.ts';
import { createKinds } from '../../src/openInterest/delivery/kinds/kinds.ts';
import { createDeliveryMetrics } from '../../src/openInterest/delivery/metrics.ts';
import { enqueueDeliveries, type OutgoingFiring } from '../../src/openInterest/delivery/outbox.repository.ts';
import { createPoster } from '../../src/openInterest/delivery/post.ts';
import { createSecretBox } from '../../src/openInterest/delivery/secretBox.ts';
import { createSender } from '../../src/openInterest/delivery/sender.ts';
import type { Database } from '../../src/platform/database/database.ts';
import { selectRows } from '../../src/platform/database/postgres.ts';
import { aFiring } from './firings.ts';
import { silentLogger } from './silentLogger.ts';

/** The time limit of 5 s is 500 ms here. */
const fastTimers: Clock = {
  now: systemClock.now,
  after: (ms, task) => systemClock.after(ms / 10, task),
};

const Row = z.object({
  id: z.string(),
  channel: z.string(),
  status: z.string(),
  attempts: z.number(),
  error: z.string().nullable(),
});

const USER = 'pro-user';

/** Channels, outbox and senders on a database, with receivers on loopback. */
export function createDeliveryRig(options: {
  db: Database;
  key?: Buffer;
  backoff?: { firstMs: number; longestMs: number };
  leaseMs?: number;
  turnMs?: number;
  telegramApiUrl?: string;
}) {
  const { db, key = randomBytes(32), backoff = { firstMs: 20, longestMs: 100 }, leaseMs = 30_000 } = options;
  const { turnMs = 5_000 } = options;
  const secrets = createSecretBox([key]);
  const base = options.telegramApiUrl ?? 'http://127.0.0.1:9';
  const settings = { telegramApiUrl: base, discordApiUrl: base, slackApiUrl: base, vapid: null };
  const context = {
    clock: fastTimers,
    logger: silentLogger,
    secrets,
    metrics: createDeliveryMetrics(new Registry()),
    kinds: createKinds(settings, systemClock),
    db,
    times: { backoff, leaseMs, turnMs },
  };

  const sealed = (id: string, given: unknown) => ({
    receiver: 'example.com',
    hint: 'last',
    secrets: secrets.seal(given, id),
  });

  return {
    /** Settings as a channel stores them. */
    sealed,
    async addChannel(given: { kind?: ChannelKind; secrets: unknown }): Promise<string> {
      const { kind = 'webhook' } = given;
      const id = randomUUID();
      await db.transaction((it) =>
        insertOptionalChannel(
          it,
          { ...sealed(id, given.secrets), id, userId: USER, name: kind, kind },
          1_000,
        ),
      );
      return id;
    },
    async enqueue(
      count: number,
      channelIds: readonly string[],
      given: Partial<OutgoingFiring> = {},
    ): Promise<void> {
      const firings = Array.from({ length: count }, (_, i) => ({
        ...aFiring({ userId: USER, symbol: `S${i}USDT`, channelIds: [...channelIds] }),
        ...given,
      }));
      await enqueueDeliveries(db, firings);
    },
    /** A sender that polls every 20 ms. */
    startSender() {
      const poster = createPoster({ clock: fastTimers, policy: { allowHttp: true, allowPrivate: true } });
      const sender = createSender({ ...context, poster });
      const loop = startLoop({
        clock: systemClock,
        everyMs: 20,
        task: sender.sendDue,
        // The database of a spec is well; a fault shows as deliveries that stay.
        onError: () => undefined,
      });
      return {
        async stop() {
          await Promise.all([loop.stop(), sender.stop()]);
          await poster.close();
        },
      };
    },
    list: () =>
      selectRows(
        db,
        Row,
        `select id::text as id, channel_id::text as channel, status, attempts, error from alert_deliveries
         order by created_at, id`,
      ),
  };
}

export function webhookSecrets(url: string) {
  return { url, secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}`, previous: null };
}
