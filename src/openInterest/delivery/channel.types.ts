import { z } from 'zod';
import { plainText } from '../../kit/plainText.shared.ts';
import { Firing } from './firing.types.ts';

/** Channels that alerts are sent to, and the ledger of what was sent. Times are epoch milliseconds. */

export const ChannelKind = z.enum(['webhook', 'telegram', 'discord', 'slack', 'webpush']);
export type ChannelKind = z.infer<typeof ChannelKind>;

const address = z.string().max(2_000, 'must be at most 2000 characters');
const base64url = (bytes: number) =>
  z
    .string()
    .regex(/^[\w-]+={0,2}$/, 'must be base64url')
    .refine((it) => Buffer.from(it, 'base64url').length === bytes, `must be ${bytes} bytes in base64url`);

/** A secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
const WebhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ and base64')
  .refine((it) => {
    const { length } = Buffer.from(it.slice('whsec_'.length), 'base64');
    return length >= 24 && length <= 64;
  }, 'must have 24 to 64 bytes after whsec_');

/** Where and how a channel sends. Write-only: responses show the receiver and the last four characters of the secret. */
export const ChannelSettings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    url: address.meta({ description: 'https; private addresses are refused unless the server allows them' }),
    secret: WebhookSecret.optional().meta({
      description: 'Absent: the server generates one and shows it once',
    }),
  }),
  z.strictObject({
    kind: z.literal('telegram'),
    token: z.string().regex(/^\d{5,20}:[\w-]{20,100}$/, 'must be a bot token like 123456789:AA…'),
    chat: z
      .string()
      .regex(/^(-?\d{1,20}|@\w{4,64})$/, 'must be a chat id like -1001234567890, or a channel like @name'),
  }),
  z.strictObject({
    kind: z.literal('discord'),
    url: address.regex(
      /^https:\/\/(?:(?:canary|ptb)\.)?discord(?:app)?\.com\/api(?:\/v\d+)?\/webhooks\/\d{5,25}\/[\w-]{20,200}$/,
      'must be a webhook address like https://discord.com/api/webhooks/123456789012345678/…',
    ),
  }),
  z.strictObject({
    kind: z.literal('slack'),
    url: address.regex(
      /^https:\/\/hooks\.slack\.com\/services\/\w{5,20}\/\w{5,20}\/\w{10,64}$/,
      'must be an address of an incoming webhook like https://hooks.slack.com/services/T…/B…/…',
    ),
  }),
  z.strictObject({
    kind: z.literal('webpush'),
    endpoint: address,
    keys: z.strictObject({ p256dh: base64url(65), auth: base64url(16) }),
  }),
]);
export type ChannelSettings = z.infer<typeof ChannelSettings>;

const ChannelName = plainText(80).trim().min(1, 'must not be empty');

/** `{"name": "My server", "settings": {"kind": "webhook", "url": "https://example.com/hook"}}` */
export const ChannelInput = z.strictObject({ name: ChannelName, settings: ChannelSettings });
export type ChannelInput = z.infer<typeof ChannelInput>;

/** What changes; the kind of a channel does not. `on: true` also ends a pause after failures. */
export const ChannelChange = z.strictObject({
  name: ChannelName.optional(),
  on: z.boolean().optional(),
  settings: ChannelSettings.optional(),
});
export type ChannelChange = z.infer<typeof ChannelChange>;

export const Channel = z.object({
  id: z.string(),
  name: z.string(),
  kind: ChannelKind,
  /** A host or a chat. */
  receiver: z.string(),
  /** The last four characters of the secret. */
  hint: z.string(),
  on: z.boolean(),
  /** Why it is off; `null` while it is on. */
  offReason: z.string().nullable(),
  /** Attempts since the last success. */
  failures: z.number(),
  failingSince: z.number().nullable(),
  lastError: z.string().nullable(),
  /** Nothing is sent before this time, because of failures or a limit of the receiver. */
  retryAt: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Channel = z.infer<typeof Channel>;

export const ChannelList = z.object({
  channels: z.array(Channel),
  /** Channels that a user can have. */
  limit: z.number(),
  /** The `applicationServerKey` of push subscriptions; `null`: this server sends none. */
  vapidPublicKey: z.string().nullable(),
});

/** `secret`: of a webhook, when the server has generated it. It is not shown again. */
export const ChannelWithSecret = z.object({ channel: Channel, secret: z.string().nullable() });
export type ChannelWithSecret = z.infer<typeof ChannelWithSecret>;

export const DeliveryStatus = z.enum(['waiting', 'delivered', 'failed', 'cancelled']);

/** A row of the ledger. */
export const Delivery = z.object({
  /** What the receiver sees as `webhook-id`; the same over all attempts. */
  id: z.string(),
  channelId: z.string(),
  channelName: z.string(),
  kind: ChannelKind,
  test: z.boolean(),
  status: DeliveryStatus,
  attempts: z.number(),
  createdAt: z.number(),
  /** `null` once it is finished. */
  nextAttemptAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  responseStatus: z.number().nullable(),
  responseText: z.string().nullable(),
  error: z.string().nullable(),
  firing: Firing.omit({ channelIds: true }),
});
export type Delivery = z.infer<typeof Delivery>;
