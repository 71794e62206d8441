import { createECDH, hkdfSync } from 'node:crypto';
import type { ServerConfig } from '../server/config.ts';

type Delivery = ServerConfig['delivery'];

/**
 * The demo's keys of alert channels, derived from the secret of its tokens, so that its channels still work after a restart.
 * Receivers may be on this machine.
 */
export function demoDelivery(given: Delivery, secret: string): Delivery {
  return {
    ...given,
    secretsKeys: given.secretsKeys.length > 0 ? given.secretsKeys : [derive(secret, 'alert channels')],
    vapid: given.vapid ?? deriveVapid(secret),
    receivers: { allowHttp: true, allowPrivate: true },
  };
}

/** The signing secret of the demo's own receiver. */
export function demoReceiverSecret(secret: string): string {
  return `whsec_${derive(secret, 'receiver').toString('base64')}`;
}

function deriveVapid(secret: string): Delivery['vapid'] {
  const privateKey = derive(secret, 'web push');
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(privateKey);
  return {
    publicKey: pair.getPublicKey('base64url'),
    privateKey: privateKey.toString('base64url'),
    subject: 'mailto:demo@example.com',
  };
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
}
