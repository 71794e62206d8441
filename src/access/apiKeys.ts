import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyHolder } from './access.types.ts';

const SHORTEST_PLAIN_KEY = 16;

export type ApiKeys = ReturnType<typeof createApiKeys>;

/**
 * The valid keys of both scopes, each entry plain or `sha256:HEX`; plain keys are not kept. A scope may have several keys, so
 * that a key can be rotated without a refused request: add the new one, change the clients, remove the old one.
 */
export function createApiKeys(lists: { ingest: readonly string[]; operator: readonly string[] }) {
  const live = (['ingest', 'operator'] as const).flatMap((scope) =>
    lists[scope].map(digestOf).map((digest) => ({ digest, holder: holderOf(scope, digest) })),
  );

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

/** What is kept of a key: its digest, whether the entry is plain or `sha256:HEX`. */
export function digestOf(entry: string): Buffer {
  return isHashed(entry) ? Buffer.from(entry.slice('sha256:'.length), 'hex') : sha256(entry);
}

function holderOf(scope: KeyHolder['scope'], digest: Buffer): KeyHolder {
  return { kind: 'key', scope, keyId: digest.toString('hex').slice(0, 12) };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
