import webpush from 'web-push';
import { z } from 'zod';
import { HOUR_MS, SECOND_MS } from '../../../kit/clock.ts';
import { describeFirings } from '../message.ts';
import type { Kind } from './kind.ts';

/** Keys and contact of this server at the push services (RFC 8292). */
export type Vapid = { publicKey: string; privateKey: string; subject: string };

export const WebPushSecrets = z.object({
  endpoint: z.string(),
  keys: z.object({ p256dh: z.string(), auth: z.string() }),
});

/** How long a push service keeps a message for a browser that is off. */
const KEEP_MS = 12 * HOUR_MS;

/** Encrypted for the browser (RFC 8291): `{id, title, body, symbol}`, below the 4 kB of push services. */
export function createWebPush(vapid: Vapid | null): Kind<z.infer<typeof WebPushSecrets>> {
  return {
    write({ id, test, firings }, subscription) {
      if (vapid === null) throw new Error('this server has no VAPID keys');
      const { title, lines } = describeFirings(firings, test);
      const symbol = firings.length === 1 ? firings[0]!.symbol : null;
      const { endpoint, headers, body } = webpush.generateRequestDetails(
        subscription,
        JSON.stringify({ id, title, body: lines.join('\n').slice(0, 1_000), symbol }),
        {
          vapidDetails: vapid,
          TTL: KEEP_MS / SECOND_MS,
          urgency: 'high',
          // A push service replaces a message that waits by one with the same topic, so a repeat is shown once.
          topic: id.replaceAll('-', ''),
        },
      );
      const { 'Content-Length': _, ...rest } = headers;
      return {
        url: endpoint,
        trusted: false,
        headers: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
        body: body as Buffer,
      };
    },
    goneStatuses: [404, 410],
    paceMs: null,
    digestOf: 500,
  };
}
