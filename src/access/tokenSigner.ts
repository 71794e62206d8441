import { SignJWT } from 'jose';
import { SECOND_MS } from '../kit/clock.ts';
import { createTokenSecret } from './tokenKey.ts';
import type { Role, Tier } from './access.types.ts';

type TokenClaims = {
  sub: string;
  tier: Tier;
  role?: Role;
  name?: string;
  /** Epoch ms, truncated to seconds in the token. */
  issuedAt: number;
  expiresAt: number;
};

export type TokenSigner = ReturnType<typeof createTokenSigner>;

/** Issues HS256 tokens for demo users, operators and tests; in production the account service issues tokens. */
export function createTokenSigner(settings: {
  secret: string;
  issuer?: string | undefined;
  audience?: string | undefined;
}) {
  const key = createTokenSecret(settings.secret);
  const { issuer, audience } = settings;

  return {
    sign({ sub, tier, role, name, issuedAt, expiresAt }: TokenClaims): Promise<string> {
      const token = new SignJWT({ tier, ...(role && { role }), ...(name !== undefined && { name }) })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(sub)
        .setIssuedAt(Math.floor(issuedAt / SECOND_MS))
        .setExpirationTime(Math.floor(expiresAt / SECOND_MS));
      if (issuer !== undefined) token.setIssuer(issuer);
      if (audience !== undefined) token.setAudience(audience);
      return token.sign(key);
    },
  };
}
