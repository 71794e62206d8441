import { createTokenSigner } from '../access/tokenSigner.ts';
import { HOUR_MS } from '../kit/clock.ts';

export type DemoUser = { name: string; token: string };

const TOKEN_MS = 12 * HOUR_MS;

/** A token for each kind of user, to try what each of them sees. */
export function signDemoUsers(secret: string, now: number): Promise<DemoUser[]> {
  const signer = createTokenSigner({ secret });
  const kinds = [
    { name: 'pro', tier: 'pro', role: 'user' },
    { name: 'free', tier: 'free', role: 'user' },
    { name: 'elite', tier: 'elite', role: 'user' },
    { name: 'admin', tier: 'elite', role: 'admin' },
  ] as const;
  return Promise.all(
    kinds.map(async ({ name, tier, role }) => ({
      name,
      token: await signer.sign({
        sub: `demo-${name}`,
        name: `demo-${name}`,
        tier,
        role,
        issuedAt: now,
        expiresAt: now + TOKEN_MS,
      }),
    })),
  );
}
