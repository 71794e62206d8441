import { z } from 'zod';
import { viewerOf } from '../../access/access.types.ts';
import { NotFoundError } from '../../kit/errors.ts';
import { defineRoute, json, privateHeaders, type Route } from '../../platform/http/route.ts';
import {
  ChannelChange,
  ChannelInput,
  ChannelList,
  ChannelWithSecret,
  Delivery,
  DeliveryStatus,
} from './channel.types.ts';
import { deleteChannel, selectChannels } from './channels.repository.ts';
import {
  changeChannel,
  createChannel,
  MAX_CHANNELS,
  rotateSecret,
  testChannel,
  toChannel,
} from './channels.service.ts';
import type { DeliveryContext } from './delivery.context.ts';
import { selectDeliveries } from './ledger.repository.ts';

const BASE = '/api/alert-channels';
const PRIVATE = privateHeaders('no-store');
const Id = z.object({ id: z.uuid('must be the id of a channel') });

const NOT_FOUND = 'The user has no such channel';
const NO_KEY =
  'The server has no key to encrypt secrets (ALERT_SECRETS_KEYS), or no keys for web push (VAPID_…)';

/** Channels of the signed-in user, and the ledger of what was sent to them. A free user can still list and delete. */
export function createDeliveryRoutes(ctx: DeliveryContext): Route[] {
  return [
    listRoute(ctx),
    createRoute(ctx),
    changeRoute(ctx),
    deleteRoute(ctx),
    rotateRoute(ctx),
    testRoute(ctx),
    ledgerRoute(ctx),
  ];
}

function listRoute(ctx: DeliveryContext): Route {
  return defineRoute({
    method: 'get',
    path: BASE,
    access: 'viewer',
    operationId: 'listAlertChannels',
    summary: 'Channels that alerts are sent to',
    responses: {
      200: { description: 'The channels of the user, without their secrets', schema: ChannelList },
    },
    async handle({ principal }) {
      const rows = await selectChannels(ctx.stores.read, viewerOf(principal).sub);
      const vapidPublicKey = ctx.settings.vapid?.publicKey ?? null;
      return json(200, { channels: rows.map(toChannel), limit: MAX_CHANNELS, vapidPublicKey }, PRIVATE);
    },
  });
}

function createRoute(ctx: DeliveryContext): Route {
  return defineRoute({
    method: 'post',
    path: BASE,
    access: 'pro',
    operationId: 'createAlertChannel',
    summary: 'Create a channel: webhook, Telegram, Discord, Slack or web push',
    description:
      'Secrets are encrypted and never shown again. A webhook without a secret gets one, which only this response contains; ' +
      'its requests are signed as https://www.standardwebhooks.com specifies.',
    body: ChannelInput,
    responses: { 201: { description: 'The channel', schema: ChannelWithSecret } },
    refusals: { 409: 'The user has as many channels as allowed', 503: NO_KEY },
    handle: async ({ principal, body }) =>
      json(201, await createChannel(ctx, viewerOf(principal).sub, body), PRIVATE),
  });
}

function changeRoute(ctx: DeliveryContext): Route {
  return defineRoute({
    method: 'put',
    path: `${BASE}/:id`,
    access: 'pro',
    operationId: 'changeAlertChannel',
    summary: 'Rename a channel, switch it on or off, or replace its settings',
    description: 'Absent fields stay as they are. Switching a channel off cancels what waits for it.',
    params: Id,
    body: ChannelChange,
    responses: { 200: { description: 'The channel', schema: ChannelWithSecret } },
    refusals: { 404: NOT_FOUND, 409: 'The settings are of another kind', 503: NO_KEY },
    handle: async ({ principal, params, body }) =>
      json(200, await changeChannel(ctx, viewerOf(principal).sub, params.id, body), PRIVATE),
  });
}

function deleteRoute(ctx: DeliveryContext): Route {
  return defineRoute({
    method: 'delete',
    path: `${BASE}/:id`,
    access: 'viewer',
    operationId: 'deleteAlertChannel',
    summary: 'Delete a channel with its deliveries',
    params: Id,
    responses: { 204: { description: 'Deleted' } },
    refusals: { 404: NOT_FOUND },
    async handle({ principal, params }) {
      const deleted = await deleteChannel(ctx.stores.write, viewerOf(principal).sub, params.id);
      if (deleted === 0) throw new NotFoundError('You have no channel of this id');
      return { status: 204 };
    },
  });
}

function rotateRoute(ctx: DeliveryContext): Route {
  return defineRoute({
    method: 'post',
    path: `${BASE}/:id/rotate-secret`,
    access: 'pro',
    operationId: 'rotateAlertChannelSecret',
    summary: 'Replace the secret of a webhook',
    description: 'For 24 h requests have two signatures, of the old secret and of the new one.',
    params: Id,
    responses: { 200: { description: 'The channel with its new secret', schema: ChannelWithSecret } },
    refusals: {
      404: NOT_FOUND,
      409: 'The channel is no webhook, or was changed at the same time',
      503: NO_KEY,
    },
    handle: async ({ principal, params }) =>
      json(200, await rotateSecret(ctx, viewerOf(principal).sub, params.id), PRIVATE),
  });
}

function testRoute(ctx: DeliveryContext): Route {
  return defineRoute({
    method: 'post',
    path: `${BASE}/:id/test`,
    access: 'pro',
    operationId: 'testAlertChannel',
    summary: 'Send a test to a channel now',
    description:
      'Sent once, to a channel that is off as well; the response is its row of the ledger. A success ends the pause of a ' +
      'failing channel.',
    params: Id,
    responses: { 200: { description: 'What the receiver answered', schema: Delivery } },
    refusals: { 404: NOT_FOUND, 503: NO_KEY },
    handle: async ({ principal, params }) =>
      json(200, await testChannel(ctx, viewerOf(principal).sub, params.id), PRIVATE),
  });
}

/** `TIME,ID`, as `nextBefore` gives it. */
const Before = z.string().transform((raw, context) => {
  const [createdAtIso = '', id = ''] = raw.split(',');
  if (z.iso.datetime({ precision: 6 }).safeParse(createdAtIso).success && z.uuid().safeParse(id).success) {
    return { createdAtIso, id };
  }
  context.addIssue('must be nextBefore of an earlier answer');
  return z.NEVER;
});

function ledgerRoute(ctx: DeliveryContext): Route {
  return defineRoute({
    method: 'get',
    path: '/api/alert-deliveries',
    access: 'viewer',
    operationId: 'listAlertDeliveries',
    summary: 'The ledger of alerts that were sent, newest first',
    description: 'Kept for 90 days.',
    query: z.object({
      channel: z.uuid().optional(),
      firing: z.uuid().optional(),
      status: DeliveryStatus.optional(),
      before: Before.optional().meta({ description: 'Only deliveries older than this one; take nextBefore' }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    responses: {
      200: {
        description: 'Deliveries',
        schema: z.object({ deliveries: z.array(Delivery), nextBefore: z.string().nullable() }),
      },
    },
    async handle({ principal, query }) {
      const deliveries = await selectDeliveries(ctx.stores.read, {
        userId: viewerOf(principal).sub,
        channelId: query.channel ?? null,
        firingId: query.firing ?? null,
        status: query.status ?? null,
        before: query.before ?? null,
        limit: query.limit,
      });
      const last = deliveries.length === query.limit ? deliveries.at(-1) : undefined;
      const nextBefore = last ? `${last.createdAtIso},${last.id}` : null;
      return json(
        200,
        { deliveries: deliveries.map(({ createdAtIso: _createdAtIso, ...shown }) => shown), nextBefore },
        PRIVATE,
      );
    },
  });
}
