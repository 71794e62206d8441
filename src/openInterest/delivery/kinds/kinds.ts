import type { z } from 'zod';
import type { Clock } from '../../../kit/clock.ts';
import type { ChannelKind } from '../channel.types.ts';
import { createDiscord, createSlack, createTelegram, PathSecrets, TelegramSecrets } from './chats.ts';
import type { Kind } from './kind.ts';
import { createWebhook, WebhookSecrets } from './webhook.ts';
import { createWebPush, WebPushSecrets, type Vapid } from './webPush.ts';

/** Base addresses of the services and keys of this server at the push services; `vapid` may be `null`: no web push. */
export type KindSettings = {
  telegramApiUrl: string;
  discordApiUrl: string;
  slackApiUrl: string;
  vapid: Vapid | null;
};

export type Kinds = Readonly<Record<ChannelKind, Kind<unknown>>>;

export function createKinds(settings: KindSettings, clock: Clock): Kinds {
  return {
    webhook: withParsedSecrets(WebhookSecrets, createWebhook(clock)),
    telegram: withParsedSecrets(TelegramSecrets, createTelegram(settings.telegramApiUrl)),
    discord: withParsedSecrets(PathSecrets, createDiscord(settings.discordApiUrl)),
    slack: withParsedSecrets(PathSecrets, createSlack(settings.slackApiUrl)),
    webpush: withParsedSecrets(WebPushSecrets, createWebPush(settings.vapid)),
  };
}

/** Parses the secrets that a channel stores. */
function withParsedSecrets<Secrets>(schema: z.ZodType<Secrets>, kind: Kind<Secrets>): Kind<unknown> {
  return { ...kind, write: (letter, secrets) => kind.write(letter, schema.parse(secrets)) };
}
