import { describe, expect, it } from '@jest/globals';
import webpush from 'web-push';
import { demoDelivery } from '../../../src/demo/delivery.ts';
import { parseServerConfig } from '../../../src/server/config.ts';

const { delivery: GIVEN } = parseServerConfig({});

describe('the delivery of the demo', () => {
  it('has keys that a restart makes again, and that another demo does not share', () => {
    const made = demoDelivery(GIVEN, 'a secret of one demo');
    expect(demoDelivery(GIVEN, 'a secret of one demo')).toEqual(made);
    expect(demoDelivery(GIVEN, 'a secret of another demo')).not.toEqual(made);
    expect(made.secretsKeys.map((it) => it.length)).toEqual([32]);
    expect(made.receivers).toEqual({ allowHttp: true, allowPrivate: true });
  });

  it('has VAPID keys that web push accepts', () => {
    const { subject, publicKey, privateKey } = demoDelivery(GIVEN, 'a secret').vapid!;
    expect(() =>
      webpush.getVapidHeaders('https://push.example.com', subject, publicKey, privateKey, 'aes128gcm'),
    ).not.toThrow();
  });

  it('uses the key that is given', () => {
    const secretsKeys = [Buffer.alloc(32, 1)];
    expect(demoDelivery({ ...GIVEN, secretsKeys }, 'a secret').secretsKeys).toBe(secretsKeys);
  });
});
