import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SettingsError } from '../kit/env.ts';
import type { KeyHolder } from './access.types.ts';

const SHORTEST_PLAIN_KEY = 16;

export type ApiKeys = ReturnType<typeof createApiKeys>;

/**
 * The valid keys of both scopes. A scope may have several keys, so that a key can be rotated without a refused request:
 * add the new one, change the clients, remove the old one.
 */
export function createApiKeys(lists: { ingest: readonly string[]; operator: readonly string[] }) {
  const ingest = parseApiKeys(lists.ingest, 'INGEST_API_KEYS');
  const operator = parseApiKeys(lists.operator, 'OPERATOR_API_KEYS');
  refuseSharedKeys(ingest, operator);
  const live = [
    ...ingest.map((digest) => ({ digest, holder: holderOf('ingest', digest) })),
    ...operator.map((digest) => ({ digest, holder: holderOf('operator', digest) })),
  ];

  return {
    /** The holder of the key; `null` if it is not valid. */
    identify(presented: string | undefined): KeyHolder | null {
      if (presented === undefined) return null;
      const digest = sha256(presented);
      let found: KeyHolder | null = null;
      // No early exit, so that the response time reveals nothing about the keys.
      for (const key of live) {
        if (timingSafeEqual(key.digest, digest)) found = key.holder;
      }
      return found;
    },
  };
}

/**
 * Digests of the keys in a setting, each entry plain or `sha256:HEX`. Plain keys are not stored. A fault names the position
 * of the entry and never its text.
 */
export function parseApiKeys(list: readonly string[], setting = 'API keys'): Buffer[] {
  const digests = new Map<string, Buffer>();
  const faults: string[] = [];
  for (const [index, entry] of list.entries()) {
    const fault = apiKeyFault(entry);
    if (fault !== undefined) {
      faults.push(`  ${setting}[${index}]: ${fault}`);
      continue;
    }
    const digest = digestOf(entry);
    digests.set(digest.toString('hex'), digest);
  }
  if (faults.length > 0) throw new SettingsError(`These API keys cannot be used:\n${faults.join('\n')}`);
  return [...digests.values()];
}

/** Whether both lists contain the same key, plain or hashed. */
export function shareAKey(ingest: readonly string[], operator: readonly string[]): boolean {
  const digests = new Set(ingest.map((entry) => digestOf(entry).toString('hex')));
  return operator.some((entry) => digests.has(digestOf(entry).toString('hex')));
}

/** A random key of 256 bits, with a prefix for people and secret scanners: `oi_ingest_…`. */
export function createRandomKey(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** The fault of an entry, if any. */
export function apiKeyFault(entry: string): string | undefined {
  if (isHashed(entry)) {
    return /^sha256:[0-9a-f]{64}$/i.test(entry) ? undefined : 'must be sha256: and 64 hex digits';
  }
  if (entry.length < SHORTEST_PLAIN_KEY) {
    return `is shorter than ${SHORTEST_PLAIN_KEY} characters; use a random key`;
  }
  // Other characters cannot be sent in a header or listed in a setting, so the key could never match.
  if (!/^[!-+\--~]+$/.test(entry)) return 'must be printable ASCII without blanks and commas';
  return undefined;
}

/** In any case: `SHA256:…` is certainly not meant as a plain key. */
function isHashed(entry: string): boolean {
  return /^sha256:/i.test(entry);
}

function refuseSharedKeys(ingest: readonly Buffer[], operator: readonly Buffer[]): void {
  const shared = ingest.some((digest) => operator.some((other) => other.equals(digest)));
  if (!shared) return;
  throw new SettingsError(
    'INGEST_API_KEYS and OPERATOR_API_KEYS share a key; a key has one scope, so use another key for operators',
  );
}

function digestOf(entry: string): Buffer {
  return isHashed(entry) ? Buffer.from(entry.slice('sha256:'.length), 'hex') : sha256(entry);
}

function holderOf(scope: KeyHolder['scope'], digest: Buffer): KeyHolder {
  return { kind: 'key', scope, keyId: digest.toString('hex').slice(0, 12) };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
