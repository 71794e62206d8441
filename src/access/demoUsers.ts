import { HOUR_MS, type Clock } from '../kit/clock.ts';
import type { TokenSigner } from './tokenSigner.ts';
import type { DemoUser, Role, Tier } from './access.types.ts';

const DEMO_SESSION_MS = 12 * HOUR_MS;

/** The admin is elite too, so that one demo user shows all features. */
const DEMO_USERS: Readonly<Record<DemoUser, { tier: Tier; role: Role }>> = {
  free: { tier: 'free', role: 'user' },
  pro: { tier: 'pro', role: 'user' },
  elite: { tier: 'elite', role: 'user' },
  admin: { tier: 'elite', role: 'admin' },
};

export type DemoUsers = ReturnType<typeof createDemoUsers>;

/** Fictitious users for development: sub and name are `demo-free`, `demo-pro`, `demo-elite`, `demo-admin`. */
export function createDemoUsers(deps: { signer: TokenSigner; clock: Clock }) {
  const { signer, clock } = deps;
  const names = Object.keys(DEMO_USERS) as DemoUser[];

  return {
    names,
    /** A token that is valid for 12 hours. */
    signToken(user: DemoUser): Promise<string> {
      const sub = subOf(user);
      const issuedAt = clock.now();
      const expiresAt = issuedAt + DEMO_SESSION_MS;
      return signer.sign({ sub, name: sub, ...DEMO_USERS[user], issuedAt, expiresAt });
    },
    isDemo: (sub: string): boolean => names.some((user) => subOf(user) === sub),
  };
}

function subOf(user: DemoUser): string {
  return `demo-${user}`;
}
