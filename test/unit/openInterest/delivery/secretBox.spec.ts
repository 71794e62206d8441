import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSecretBox } from '../../../../src/openInterest/delivery/secretBox.ts';

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];

describe('a secret box', () => {
  it('decrypts its own output for the same owner', () => {
    const box = createSecretBox([newKey]);
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, owner) => {
        expect(box.open(box.seal(value, owner), owner)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('K5 does not contain the secret, and differs each time', () => {
    const box = createSecretBox([newKey]);
    const [one, two] = [box.seal('whsec_secret', 'a'), box.seal('whsec_secret', 'a')];
    expect(one.equals(two)).toBe(false);
    expect(one.toString('latin1')).not.toContain('secret');
  });

  it('does not decrypt the box of another row, or a modified one', () => {
    const box = createSecretBox([newKey]);
    const sealed = box.seal('a secret', 'row 1');
    expect(() => box.open(sealed, 'row 2')).toThrow('unable to authenticate');
    for (let at = 5; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => box.open(changed, 'row 1')).toThrow('unable to authenticate');
    }
  });

  it('decrypts with an older key, and encrypts with the newest one', () => {
    const before = createSecretBox([oldKey]).seal({ token: 'a' }, 'row');
    const box = createSecretBox([newKey, oldKey]);
    expect([box.open(before, 'row'), box.isCurrent(before)]).toEqual([{ token: 'a' }, false]);
    const renewed = box.renew(before, 'row')!;
    expect(box.isCurrent(renewed)).toBe(true);
    expect(createSecretBox([newKey]).open(renewed, 'row')).toEqual({ token: 'a' });
  });

  it('names the setting if a key is missing', () => {
    const sealed = createSecretBox([oldKey]).seal('a', 'row');
    expect(() => createSecretBox([]).seal('a', 'row')).toThrow(/Set ALERT_SECRETS_KEYS/);
    expect(() => createSecretBox([newKey]).open(sealed, 'row')).toThrow(
      /a key that this server does not have/,
    );
    expect(createSecretBox([newKey]).renew(sealed, 'row')).toBeNull();
    expect(createSecretBox([]).isReady).toBe(false);
  });
});
