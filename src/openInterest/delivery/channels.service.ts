import { randomUUID } from 'node:crypto';
import { HOUR_MS } from '../../kit/clock.ts';
import { ConflictError, NotFoundError, TooManyRequestsError } from '../../kit/errors.ts';
import { attemptLetter } from './attempt.ts';
import type { Channel, ChannelChange, ChannelInput, Delivery } from './channel.types.ts';
import { readSettings, requireSameKind } from './channelSettings.ts';
import {
  endPause,
  insertOptionalChannel,
  selectOptionalChannel,
  switchOff,
  switchOn,
  SWITCHED_OFF_BY_USER,
  updateChannelName,
  updateChannelSettings,
  type ChannelRow,
} from './channels.repository.ts';
import type { DeliveryContext } from './delivery.context.ts';
import { rotateWebhookSecret, WebhookSecrets } from './kinds/webhook.ts';
import { insertOptionalTest } from './ledger.repository.ts';
import type { QueuedFiring } from './message.ts';
import { TESTS_PER_MIN } from './testLimit.ts';

/** Channels of a user, on every paid tier. */
export const MAX_CHANNELS = 20;

type Shown = { channel: Channel; secret: string | null };

export async function createChannel(
  ctx: DeliveryContext,
  userId: string,
  input: ChannelInput,
): Promise<Shown> {
  const { kind } = input.settings;
  const { receiver, hint, secrets, generated } = readSettings(input.settings, ctx.settings);
  const id = randomUUID();
  const sealed = { receiver, hint, secrets: ctx.secrets.seal(secrets, id) };
  const row = await ctx.stores.write.transaction((db) =>
    insertOptionalChannel(db, { ...sealed, id, userId, name: input.name, kind }, MAX_CHANNELS),
  );
  if (row) return { channel: toChannel(row), secret: generated };
  throw new ConflictError('channel_limit', `A user has at most ${MAX_CHANNELS} channels; delete one first`);
}

export async function changeChannel(
  ctx: DeliveryContext,
  userId: string,
  id: string,
  change: ChannelChange,
): Promise<Shown> {
  const before = await requireChannel(ctx, userId, id);
  if (change.settings) requireSameKind(change.settings, before.kind);
  const read = change.settings ? readSettings(change.settings, ctx.settings) : null;
  const sealed = read && { ...read, secrets: ctx.secrets.seal(read.secrets, id) };
  await ctx.stores.write.transaction(async (db) => {
    if (change.name !== undefined) await updateChannelName(db, id, change.name);
    if (sealed) await updateChannelSettings(db, id, sealed);
    if (change.on === true) await switchOn(db, id);
    if (change.on === false) await switchOff(db, id, SWITCHED_OFF_BY_USER);
  });
  return { channel: toChannel(await requireChannel(ctx, userId, id)), secret: read?.generated ?? null };
}

/** Replaces the secret of a webhook. Both sign for a day, so that the receiver can follow. */
export async function rotateSecret(ctx: DeliveryContext, userId: string, id: string): Promise<Shown> {
  const row = await requireChannel(ctx, userId, id);
  if (row.kind !== 'webhook') {
    throw new ConflictError('channel_kind', `A ${row.kind} channel has no secret of ours to rotate`);
  }
  const secrets = rotateWebhookSecret(
    WebhookSecrets.parse(ctx.secrets.open(row.secrets, id)),
    ctx.clock.now(),
  );
  const sealed = {
    receiver: row.receiver,
    hint: secrets.secret.slice(-4),
    secrets: ctx.secrets.seal(secrets, id),
  };
  // Of two rotations at once the later would void the secret that the earlier one has shown.
  if ((await updateChannelSettings(ctx.stores.write, id, sealed, row.secrets)) === 0) {
    throw new ConflictError('channel_changed', 'The channel was changed at the same time; read it again');
  }
  return { channel: toChannel(await requireChannel(ctx, userId, id)), secret: secrets.secret };
}

/** Sends a test now, once. A success ends the pause of a failing channel. */
export async function testChannel(ctx: DeliveryContext, userId: string, id: string): Promise<Delivery> {
  const row = await requireChannel(ctx, userId, id);
  if (!ctx.mayTest(userId)) {
    throw new TooManyRequestsError(`At most ${TESTS_PER_MIN} tests a minute`, { retryAfterSec: 60 });
  }
  // Throws 503 if the key is missing, which is no fault of the receiver.
  ctx.secrets.open(row.secrets, id);
  const firing = sampleFiring(userId, ctx.clock.now());
  const testId = randomUUID();
  const { outcome, response } = await attemptLetter(ctx, row, { id: testId, test: true, firings: [firing] });
  const error = outcome.result === 'delivered' ? null : outcome.error;
  const delivery = await ctx.stores.write.transaction(async (db) => {
    if (error === null) await endPause(db, id);
    return insertOptionalTest(db, { id: testId, channelId: id, firing, response, error });
  });
  return delivery ?? noSuchChannel();
}

async function requireChannel(ctx: DeliveryContext, userId: string, id: string): Promise<ChannelRow> {
  const row = await selectOptionalChannel(ctx.stores.write, userId, id);
  return row ?? noSuchChannel();
}

function noSuchChannel(): never {
  throw new NotFoundError('You have no channel of this id');
}

export function toChannel({ secrets: _secrets, offAt, ...shown }: ChannelRow): Channel {
  return { ...shown, on: offAt === null };
}

function sampleFiring(userId: string, now: number): QueuedFiring {
  return {
    id: randomUUID(),
    userId,
    ruleId: 'test',
    ruleVersion: 0,
    ruleName: 'Test of the channel',
    symbol: 'BTCUSDT',
    window: '1h',
    direction: 'up',
    firedAt: now,
    evidence: {
      changePct: 5,
      changeUsd: 400_000_000,
      base: { ts: now - HOUR_MS, openInterest: 90_000, openInterestUsd: 8_000_000_000 },
      current: { ts: now, openInterest: 94_500, openInterestUsd: 8_400_000_000 },
      coverage: 1,
      priceChangePct: 0,
      fundingRate: 0.0001,
      reading: null,
    },
  };
}
