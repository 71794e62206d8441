import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  apiKeyFault,
  createApiKeys,
  createRandomKey,
  digestOf,
  shareAKey,
} from '../../../src/access/apiKeys.ts';

const OLD_KEY = 'oi_live_the-key-of-yesterday';
const NEW_KEY = 'oi_live_the-key-of-tomorrow';
const OPERATOR_KEY = 'oi_oper_the-key-of-the-operator';

describe('createApiKeys', () => {
  it('A7 accepts two keys of one scope at once, and each until it is removed', () => {
    const before = createApiKeys({ ingest: [OLD_KEY], operator: [] });
    const during = createApiKeys({ ingest: [OLD_KEY, NEW_KEY], operator: [] });
    const after = createApiKeys({ ingest: [NEW_KEY], operator: [] });
    const known = [before, during, after].map((keys) => [
      keys.identify(OLD_KEY) !== null,
      keys.identify(NEW_KEY) !== null,
    ]);
    expect(known).toEqual([
      [true, false],
      [true, true],
      [false, true],
    ]);
  });

  it('A7 names a key by the start of its digest, whether the setting is plain or hashed', () => {
    const holder = { kind: 'key', scope: 'ingest', keyId: sha256(OLD_KEY).slice(0, 12) };
    expect(createApiKeys({ ingest: [OLD_KEY], operator: [] }).identify(OLD_KEY)).toEqual(holder);
    for (const hashed of [`sha256:${sha256(OLD_KEY)}`, `SHA256:${sha256(OLD_KEY).toUpperCase()}`]) {
      expect(createApiKeys({ ingest: [hashed], operator: [] }).identify(OLD_KEY)).toEqual(holder);
    }
  });

  it('A8 distinguishes ingest keys from operator keys', () => {
    const keys = createApiKeys({ ingest: [OLD_KEY], operator: [OPERATOR_KEY] });
    expect(keys.identify(OLD_KEY)?.scope).toBe('ingest');
    expect(keys.identify(OPERATOR_KEY)?.scope).toBe('operator');
  });

  it.each([
    ['nothing', undefined],
    ['an empty key', ''],
    ['the key with a blank', `${OLD_KEY} `],
    ['the key in capitals', OLD_KEY.toUpperCase()],
    ['the start of the key', OLD_KEY.slice(0, -1)],
    ['the key twice, as two headers arrive', `${OLD_KEY}, ${OLD_KEY}`],
    ['the digest of the key', sha256(OLD_KEY)],
    ['the setting of the key', `sha256:${sha256(OLD_KEY)}`],
    ['12 kB', OLD_KEY.repeat(450)],
  ])('A7 rejects %s', (_case, presented) => {
    const plain = createApiKeys({ ingest: [OLD_KEY], operator: [OPERATOR_KEY] });
    const hashed = createApiKeys({ ingest: [`sha256:${sha256(OLD_KEY)}`], operator: [] });
    expect(plain.identify(presented)).toBeNull();
    expect(hashed.identify(presented)).toBeNull();
  });

  it('rejects every key when none is configured', () => {
    expect(createApiKeys({ ingest: [], operator: [] }).identify(OLD_KEY)).toBeNull();
  });

  it('A7 accepts exactly the configured keys, each with its own scope', () => {
    const key = fc.stringMatching(/^[a-z0-9]{16,24}$/);
    const lists = fc.uniqueArray(key, { minLength: 3, maxLength: 9 });
    fc.assert(
      fc.property(lists, (texts) => {
        const [unknown, ...live] = texts as [string, ...string[]];
        const ingest = live.filter((_text, index) => index % 2 === 0);
        const operator = live.filter((_text, index) => index % 2 === 1);
        const keys = createApiKeys({ ingest, operator });
        expect(ingest.map((text) => keys.identify(text)?.scope)).toEqual(ingest.map(() => 'ingest'));
        expect(operator.map((text) => keys.identify(text)?.scope)).toEqual(operator.map(() => 'operator'));
        expect(keys.identify(unknown)).toBeNull();
      }),
    );
  });

  it('A8 D5 sees one key in both scopes, plain or hashed', () => {
    const ingest = [NEW_KEY, OLD_KEY];
    expect(shareAKey(ingest, [OLD_KEY])).toBe(true);
    expect(shareAKey(ingest, [`sha256:${sha256(OLD_KEY)}`])).toBe(true);
    expect(shareAKey(ingest, [OPERATOR_KEY])).toBe(false);
  });
});

describe('digestOf', () => {
  it('A7 keeps the digest alone, the same of a plain and a hashed key', () => {
    const digest = Buffer.from(sha256(OLD_KEY), 'hex');
    expect([OLD_KEY, `sha256:${sha256(OLD_KEY)}`].map(digestOf)).toEqual([digest, digest]);
  });
});

describe('apiKeyFault', () => {
  it.each([
    ['shorter than 16 characters', 'short-secret-15'],
    ['with a blank inside', 'a key with blanks in it'],
    ['with a comma inside', 'a-key,with-a-comma'],
    ['that no header can carry', 'ключ-который-не-пройдёт'],
    ['hashed with a digit missing', `sha256:${sha256(OLD_KEY).slice(1)}`],
    ['hashed with a letter that is not hex', `sha256:${'g'.repeat(64)}`],
    ['hashed, with the key itself in place of the digest', `sha256:${OLD_KEY}`],
  ])('A10 D5 refuses a key %s, without repeating it', (_case, entry) => {
    const fault = apiKeyFault(entry);
    expect(fault).toBeDefined();
    expect(fault).not.toContain(entry);
    expect(fault).not.toContain(OLD_KEY);
  });
});

describe('createRandomKey', () => {
  it('generates keys that the settings accept, all different', () => {
    const keys = Array.from({ length: 200 }, () => createRandomKey('oi_live_'));
    expect(new Set(keys).size).toBe(200);
    for (const key of keys) {
      expect(apiKeyFault(key)).toBeUndefined();
      expect(key).toMatch(/^oi_live_[\w-]{43}$/);
    }
  });
});

function sha256(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
