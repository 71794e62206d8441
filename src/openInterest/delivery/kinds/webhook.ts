import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { HOUR_MS, SECOND_MS, type Clock } from '../../../kit/clock.ts';
import type { Kind } from './kind.ts';

/** How long the previous secret still signs after a rotation. */
const OVERLAP_MS = 24 * HOUR_MS;
const PREFIX = 'whsec_';

export const WebhookSecrets = z.object({
  url: z.string(),
  secret: z.string(),
  /** Signs as well until `until` (epoch ms). */
  previous: z.object({ secret: z.string(), until: z.number() }).nullable(),
});
export type WebhookSecrets = z.infer<typeof WebhookSecrets>;

export function createWebhookSecret(): string {
  return PREFIX + randomBytes(24).toString('base64');
}

export function rotateWebhookSecret({ url, secret }: WebhookSecrets, now: number): WebhookSecrets {
  return { url, secret: createWebhookSecret(), previous: { secret, until: now + OVERLAP_MS } };
}

/** Posts JSON signed as https://www.standardwebhooks.com specifies. Each firing is one request. */
export function createWebhook(clock: Clock): Kind<WebhookSecrets> {
  return {
    write({ id, test, firings }, secrets) {
      const [firing] = firings;
      const body = JSON.stringify({
        type: test ? 'alert.test' : 'alert.fired',
        timestamp: new Date(firing!.firedAt).toISOString(),
        data: firing,
      });
      const timestamp = String(Math.floor(clock.now() / SECOND_MS));
      const valid = [secrets.secret];
      if (secrets.previous && secrets.previous.until > clock.now()) valid.push(secrets.previous.secret);
      return {
        url: secrets.url,
        trusted: false,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': valid.map((it) => sign(it, `${id}.${timestamp}.${body}`)).join(' '),
        },
        body,
      };
    },
    goneStatuses: [410],
    paceMs: null,
    digestOf: 1,
  };
}

function sign(secret: string, text: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}
