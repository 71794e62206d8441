import { createHmac, createSign, type KeyObject } from 'node:crypto';

/**
 * A hand-made token, so that it can have faults that a signing library refuses to produce: `payload` as text contains
 * what no JSON encoder writes, and `sign` is arbitrary.
 */
export function forgeToken(options: {
  header: Readonly<Record<string, unknown>>;
  payload: Readonly<Record<string, unknown>> | string;
  sign: (input: string) => string;
}): string {
  const { header, payload, sign } = options;
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const input = `${encode(JSON.stringify(header))}.${encode(text)}`;
  return `${input}.${sign(input)}`;
}

export function hmacWith(
  key: string | Buffer,
  hash: 'sha256' | 'sha384' | 'sha512' = 'sha256',
): (input: string) => string {
  return (input) => createHmac(hash, key).update(input).digest('base64url');
}

/** RS256 for an RSA key, ES256 for a P-256 key. */
export function signatureBy(privateKey: KeyObject): (input: string) => string {
  return (input) =>
    createSign('sha256')
      .update(input)
      .sign({ key: privateKey, dsaEncoding: 'ieee-p1363' })
      .toString('base64url');
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}
