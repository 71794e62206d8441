import { createECDH } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseServerConfig } from '../../../src/server/config.ts';

const KEYS = ['a', 'b'].map((it) => Buffer.alloc(32, it));
const pair = createECDH('prime256v1');
const VAPID = {
  VAPID_PUBLIC_KEY: pair.generateKeys('base64url'),
  VAPID_PRIVATE_KEY: pair.getPrivateKey('base64url').padStart(43, 'A'),
  VAPID_SUBJECT: 'mailto:ops@example.com',
};

describe('delivery settings', () => {
  it('are parsed: keys newest first, addresses without a trailing slash, VAPID keys', () => {
    const { delivery } = parseServerConfig({
      ALERT_SECRETS_KEYS: KEYS.map((it) => it.toString('base64')).join(', '),
      ALERT_RECEIVERS_ALLOW_HTTP: 'true',
      TELEGRAM_API_URL: 'http://127.0.0.1:8081/',
      ...VAPID,
    });
    expect(delivery).toMatchObject({
      secretsKeys: KEYS,
      receivers: { allowHttp: true, allowPrivate: false },
      telegramApiUrl: 'http://127.0.0.1:8081',
      vapid: { publicKey: VAPID.VAPID_PUBLIC_KEY, subject: 'mailto:ops@example.com' },
    });
  });

  it.each([
    [{ ALERT_SECRETS_KEYS: 'c2hvcnQ=' }, /ALERT_SECRETS_KEYS: .*openssl rand -base64 32/],
    [{ SLACK_API_URL: 'hooks.slack.com' }, /SLACK_API_URL: must be an http or https address/],
    [{ ...VAPID, VAPID_SUBJECT: 'ops@example.com' }, /VAPID_SUBJECT: must be mailto:/],
    [{ ...VAPID, VAPID_PRIVATE_KEY: VAPID.VAPID_PUBLIC_KEY }, /VAPID_PRIVATE_KEY: must be 32 bytes/],
    [{ VAPID_SUBJECT: VAPID.VAPID_SUBJECT }, /VAPID_PUBLIC_KEY: .*set all three or none/],
  ])('are refused when invalid: %j', (env, fault) => {
    expect(() => parseServerConfig(env)).toThrow(fault);
  });
});
