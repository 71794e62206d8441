import { z } from 'zod';
import { commaList, onOff } from '../kit/env.ts';
import type { DeliverySettings } from '../openInterest/delivery/delivery.context.ts';

/** Settings of how alerts leave the server. */
export const DeliveryEnv = z.object({
  ALERT_SECRETS_KEYS: commaList()
    .transform((list) => list.map((it) => Buffer.from(it, 'base64')))
    .refine(
      (keys) => keys.every((key) => key.length === 32),
      'must be a comma list of 32 bytes each in base64, as `openssl rand -base64 32` prints',
    )
    .default([]),
  ALERT_RECEIVERS_ALLOW_HTTP: onOff().default(false),
  ALERT_RECEIVERS_ALLOW_PRIVATE: onOff().default(false),
  TELEGRAM_API_URL: baseUrl().default('https://api.telegram.org'),
  DISCORD_API_URL: baseUrl().default('https://discord.com'),
  SLACK_API_URL: baseUrl().default('https://hooks.slack.com'),
  VAPID_PUBLIC_KEY: base64url(65).optional(),
  VAPID_PRIVATE_KEY: base64url(32).optional(),
  VAPID_SUBJECT: z
    .string()
    .regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'must be mailto:name@example.com or an https address')
    .optional(),
});

type Given = z.output<typeof DeliveryEnv>;

export function readDeliverySettings(given: Given): DeliverySettings {
  return {
    secretsKeys: given.ALERT_SECRETS_KEYS,
    receivers: {
      allowHttp: given.ALERT_RECEIVERS_ALLOW_HTTP,
      allowPrivate: given.ALERT_RECEIVERS_ALLOW_PRIVATE,
    },
    telegramApiUrl: given.TELEGRAM_API_URL,
    discordApiUrl: given.DISCORD_API_URL,
    slackApiUrl: given.SLACK_API_URL,
    vapid: hasAllVapid(given)
      ? {
          publicKey: given.VAPID_PUBLIC_KEY!,
          privateKey: given.VAPID_PRIVATE_KEY!,
          subject: given.VAPID_SUBJECT!,
        }
      : null,
  };
}

/** Web push needs all three settings, and none is useful alone. */
export const INCOMPLETE_VAPID = {
  setting: 'VAPID_PUBLIC_KEY',
  fault: 'needs VAPID_PRIVATE_KEY and VAPID_SUBJECT beside it: set all three or none',
  when: (given: Given) => vapidOf(given).some(Boolean) && !hasAllVapid(given),
} as const;

function hasAllVapid(given: Given): boolean {
  return vapidOf(given).every(Boolean);
}

function vapidOf({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY, VAPID_SUBJECT }: Given): unknown[] {
  return [VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY, VAPID_SUBJECT];
}

/** Without the slash at its end, since paths are appended. */
function baseUrl() {
  return z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .transform((url) => url.replace(/\/+$/, ''));
}

function base64url(bytes: number) {
  return z
    .string()
    .refine(
      (it) => /^[\w-]+$/.test(it) && Buffer.from(it, 'base64url').length === bytes,
      `must be ${bytes} bytes in base64url, as \`npx web-push generate-vapid-keys\` prints`,
    );
}
