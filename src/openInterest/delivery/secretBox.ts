import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { UnavailableError } from '../../kit/errors.ts';

const VERSION = 1;
const [KEY_ID_BYTES, IV_BYTES, TAG_BYTES] = [4, 12, 16];
const HEAD_BYTES = 1 + KEY_ID_BYTES + IV_BYTES + TAG_BYTES;

export type SecretBox = ReturnType<typeof createSecretBox>;

/**
 * Encrypts secrets with AES-256-GCM. `keys` are of 32 bytes, newest first: the first one encrypts, all decrypt, so a key is
 * replaced without losing what the old one has encrypted.
 *
 * A box is version (1 byte), key id (4), IV (12), tag (16), ciphertext.
 */
export function createSecretBox(keys: readonly Buffer[]) {
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const [newest] = keys;

  function requireKey(key: Buffer | undefined, fault: string): Buffer {
    if (key) return key;
    throw new UnavailableError(
      'alert_secrets_keys',
      `${fault} Set ALERT_SECRETS_KEYS and restart the server.`,
    );
  }

  /** `owner` binds the box to a row: a box that is copied to another row does not open. Throws 503 without a key. */
  function seal(value: unknown, owner: string): Buffer {
    const key = requireKey(newest, 'This server has no key to encrypt the secrets of channels.');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(owner));
    const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), Buffer.from(idOf(key), 'hex'), iv, cipher.getAuthTag(), text]);
  }

  /** Throws 503 if its key is not among ours, and an error if the box is of another row or was changed. */
  function open(box: Buffer, owner: string): unknown {
    if (box[0] !== VERSION || box.length < HEAD_BYTES) throw new Error('Not an encrypted secret');
    const key = requireKey(
      byId.get(keyIdIn(box)),
      'The secrets of this channel were encrypted with a key that this server does not have.',
    );
    const iv = box.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(owner))
      .setAuthTag(box.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES));
    const text = Buffer.concat([decipher.update(box.subarray(HEAD_BYTES)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as unknown;
  }

  return {
    seal,
    open,
    /** Whether secrets can be stored. */
    isReady: newest !== undefined,
    /** Whether the newest key has encrypted this box. */
    isCurrent: (box: Buffer): boolean => newest !== undefined && keyIdIn(box) === idOf(newest),
    /** Encrypts with the newest key; `null` if none of our keys opens the box. */
    renew: (box: Buffer, owner: string): Buffer | null =>
      byId.has(keyIdIn(box)) ? seal(open(box, owner), owner) : null,
  };
}

function keyIdIn(box: Buffer): string {
  return box.toString('hex', 1, 1 + KEY_ID_BYTES);
}

function idOf(key: Buffer): string {
  return createHash('sha256')
    .update(key)
    .digest('hex')
    .slice(0, 2 * KEY_ID_BYTES);
}
