import { ConflictError, invalidBody, UnavailableError } from '../../kit/errors.ts';
import type { ChannelSettings } from './channel.types.ts';
import type { DeliverySettings } from './delivery.context.ts';
import { createWebhookSecret } from './kinds/webhook.ts';
import { findUrlFault } from './receiverAddress.ts';

type ReadSettings = {
  /** Recognisable and not secret. */
  receiver: string;
  hint: string;
  /** As the kind of channel parses it. */
  secrets: unknown;
  /** A secret that the server has generated, to be shown once; else `null`. */
  generated: string | null;
};

/** Divides what a user sends into what is shown and what is encrypted. Throws what is wrong with an address. */
export function readSettings(given: ChannelSettings, settings: DeliverySettings): ReadSettings {
  switch (given.kind) {
    case 'webhook': {
      const { host } = checkUrl('settings.url', given.url, settings);
      const generated = given.secret === undefined ? createWebhookSecret() : null;
      const secret = given.secret ?? generated!;
      const secrets = { url: given.url, secret, previous: null };
      return { receiver: host, hint: lastFour(secret), secrets, generated };
    }
    case 'telegram': {
      const { token, chat } = given;
      return { receiver: `chat ${chat}`, hint: lastFour(token), secrets: { token, chat }, generated: null };
    }
    case 'discord':
    case 'slack': {
      const { host, pathname } = new URL(given.url);
      return { receiver: host, hint: lastFour(pathname), secrets: { path: pathname }, generated: null };
    }
    case 'webpush': {
      if (settings.vapid === null) {
        throw new UnavailableError(
          'vapid_keys',
          'This server sends no web push: set VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY and VAPID_SUBJECT',
        );
      }
      const { endpoint, keys } = given;
      const { host } = checkUrl('settings.endpoint', endpoint, settings);
      return { receiver: host, hint: lastFour(endpoint), secrets: { endpoint, keys }, generated: null };
    }
  }
}

/** Throws unless the settings are for a channel of this kind. */
export function requireSameKind(given: ChannelSettings, kind: ChannelSettings['kind']): void {
  if (given.kind === kind) return;
  throw new ConflictError(
    'channel_kind',
    `The kind of a channel does not change; create a ${given.kind} channel instead`,
  );
}

function checkUrl(path: string, url: string, { receivers }: DeliverySettings): URL {
  const message = findUrlFault(url, receivers);
  if (message === null) return new URL(url);
  throw invalidBody([{ path, message }]);
}

function lastFour(secret: string): string {
  return secret.slice(-4);
}
