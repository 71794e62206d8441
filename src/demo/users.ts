import { createDemoUsers } from '../access/demoUsers.ts';
import { createTokenSigner } from '../access/tokenSigner.ts';
import type { Clock } from '../kit/clock.ts';

export type DemoUser = { name: string; token: string };

const NAMES = ['pro', 'free', 'elite', 'admin'] as const;

/** A token for each kind of user, to try what each of them sees. */
export function signDemoUsers(secret: string, clock: Clock): Promise<DemoUser[]> {
  const users = createDemoUsers({ signer: createTokenSigner({ secret }), clock });
  return Promise.all(NAMES.map(async (name) => ({ name, token: await users.signToken(name) })));
}
