import { SignJWT } from 'jose';
import { SECOND_MS } from '../kit/clock.ts';
import { createTokenSecret } from './tokenKey.ts';
import type { Role, Tier } from './access.types.ts';

type TokenClaims = {
  sub: string;
  tier: Tier;
  role?: Role;
  name?: string;
  /** Epoch ms; a token tells whole seconds, so both are cut to the second. */
  issuedAt: number;
  expiresAt: number;
};

export type TokenSigner = { sign(claims: TokenClaims): Promise<string> };

/** Issues HS256 tokens, for demo users and for tests; elsewhere the product's account service issues them. */
export function createTokenSigner(settings: {
  secret: string;
  issuer?: string | undefined;
  audience?: string | undefined;
}): TokenSigner {
  const key = createTokenSecret(settings.secret);
  const { issuer, audience } = settings;

  return {
    sign({ sub, tier, role, name, issuedAt, expiresAt }) {
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
