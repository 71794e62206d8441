import type { Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import type { Queryable } from '../platform/database/postgres.ts';
import type { Route } from '../platform/http/route.ts';
import { createApiKeys } from './apiKeys.ts';
import { createAccessChanges, type AccessChanges } from './changes.ts';
import { createAccessChangesRepository } from './changes.repository.ts';
import { createAccessChangesRoutes } from './changes.routes.ts';
import { createDemoUsers, type DemoUsers } from './demoUsers.ts';
import { createGuards, type Guards } from './guards.ts';
import { isCanonicalOrigin } from './origin.ts';
import { createSessionRoutes } from './session.routes.ts';
import type { IssuerFault } from './tokenKey.ts';
import { createTokenVerifier } from './tokens.ts';
import { createTokenSigner } from './tokenSigner.ts';
import type { AccessChange, Viewer } from './access.types.ts';

export type AccessSettings = {
  ingestApiKeys: readonly string[];
  operatorApiKeys: readonly string[];
  /** Exactly one of the secret and the key set's address. */
  jwtSecret?: string | undefined;
  jwksUrl?: string | undefined;
  jwtIssuer?: string | undefined;
  jwtAudience?: string | undefined;
  /** Anybody may sign in as a demo user. Needs the secret, to issue their tokens. */
  demoLogin: boolean;
  /** Browsers may keep a session over plain http where their address is of a private network. */
  insecureInPrivateNetwork: boolean;
  allowedOrigins: readonly string[];
};

export type Access = {
  guards: Guards;
  changes: AccessChanges;
  routes: Route[];
  /** The person a token speaks of, as access stands now: what guards and sockets ask. */
  authenticate(token: string): Promise<Viewer>;
  /** Why tokens cannot be verified at the moment; `null`: nothing is known against it. */
  issuerFault(): IssuerFault | null;
  /** Reads the access changes; before it every token is answered 503. */
  load(): Promise<void>;
};

/** Who may post, watch and operate. Throws SettingsError when the settings cannot be used. */
export function createAccess(deps: {
  settings: AccessSettings;
  /** Reads access changes. */
  db: Queryable;
  /** Stores them. */
  write: Queryable;
  clock: Clock;
  /** Hands an access change to the other nodes; must not throw. */
  publish: (change: AccessChange) => void;
  /** Closes the sockets of a session. */
  onSignOut: (sessionId: string) => void;
}): Access {
  const { settings, db, write, clock, publish, onSignOut } = deps;
  const allowedOrigins = parseAllowedOrigins(settings.allowedOrigins);
  const apiKeys = createApiKeys({ ingest: settings.ingestApiKeys, operator: settings.operatorApiKeys });
  const verifier = createTokenVerifier({
    secret: settings.jwtSecret,
    jwksUrl: settings.jwksUrl,
    issuer: settings.jwtIssuer,
    audience: settings.jwtAudience,
    clock,
  });
  const changes = createAccessChanges({
    repository: createAccessChangesRepository(db, write),
    clock,
    publish,
  });

  async function authenticate(token: string): Promise<Viewer> {
    const viewer = await verifier.verify(token);
    await changes.ensureKnown(viewer);
    return changes.judge(viewer);
  }

  return {
    guards: createGuards({ apiKeys, authenticate, allowedOrigins }),
    changes,
    routes: [
      ...createSessionRoutes({
        authenticate,
        demoUsers: settings.demoLogin ? createDemoUsersOf(settings, clock) : null,
        allowedOrigins,
        insecureInPrivateNetwork: settings.insecureInPrivateNetwork,
        clock,
        onSignOut,
      }),
      ...createAccessChangesRoutes({ changes }),
    ],
    authenticate,
    issuerFault: verifier.issuerFault,
    load: () => changes.load(),
  };
}

function parseAllowedOrigins(origins: readonly string[]): readonly string[] {
  const fault = origins.find((origin) => !isCanonicalOrigin(origin));
  if (fault === undefined) return origins;
  throw new SettingsError(
    `ALLOWED_ORIGINS: "${fault}" must be an origin as browsers send it, like https://app.example or http://localhost:5173`,
  );
}

function createDemoUsersOf(settings: AccessSettings, clock: Clock): DemoUsers {
  const { jwtSecret: secret, jwtIssuer: issuer, jwtAudience: audience } = settings;
  if (secret === undefined) {
    throw new SettingsError('AUTH_DEMO_LOGIN needs AUTH_JWT_SECRET: without it no demo token can be issued');
  }
  return createDemoUsers({ signer: createTokenSigner({ secret, issuer, audience }), clock });
}
