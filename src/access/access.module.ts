import type { Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import type { Queryable } from '../platform/database/postgres.ts';
import { createApiKeys } from './apiKeys.ts';
import { createAccessChanges } from './changes.ts';
import { createAccessChangesRepository } from './changes.repository.ts';
import { createAccessChangesRoutes } from './changes.routes.ts';
import { createDemoUsers, type DemoUsers } from './demoUsers.ts';
import { createGuards } from './guards.ts';
import { createSessionRoutes } from './session.routes.ts';
import { createTokenVerifier } from './tokens.ts';
import { createTokenSigner } from './tokenSigner.ts';
import type { AccessChange, Viewer } from './access.types.ts';

export type AccessSettings = {
  ingestApiKeys: readonly string[];
  operatorApiKeys: readonly string[];
  /** Exactly one of `jwtSecret` and `jwksUrl`. */
  jwtSecret?: string | undefined;
  jwksUrl?: string | undefined;
  jwtIssuer?: string | undefined;
  jwtAudience?: string | undefined;
  /** Enables public sign-in as a demo user. Requires the secret, to issue tokens. */
  demoLogin: boolean;
  /** Allows sessions over plain http for clients in a private network. */
  insecureInPrivateNetwork: boolean;
  allowedOrigins: readonly string[];
};

export type Access = ReturnType<typeof createAccess>;

/** Authentication and authorization. Throws SettingsError for invalid settings. */
export function createAccess(deps: {
  settings: AccessSettings;
  /** Reads access changes. */
  db: Queryable;
  /** Stores them. */
  write: Queryable;
  clock: Clock;
  /** Sends an access change to the other nodes; must not throw. */
  publish: (change: AccessChange) => void;
  /** Closes the sockets of a session. */
  onSignOut: (sessionId: string) => void;
  /** Called with each verified viewer. */
  onViewer: (viewer: Viewer) => void;
}) {
  const { settings, db, write, clock, publish, onSignOut, onViewer } = deps;
  const { allowedOrigins } = settings;
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

  /** Verifies a token and applies the subject's access changes to its viewer. Used by guards and sockets. */
  async function authenticate(token: string): Promise<Viewer> {
    const viewer = await verifier.verify(token);
    await changes.ensureKnown(viewer);
    const judged = changes.judge(viewer);
    onViewer(judged);
    return judged;
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
    /** Why tokens cannot be verified now; `null` without a known fault. */
    issuerFault: verifier.issuerFault,
    /** Reads the access changes; until then every token is refused with 503. */
    load: changes.load,
  };
}

function createDemoUsersOf(settings: AccessSettings, clock: Clock): DemoUsers {
  const { jwtSecret: secret, jwtIssuer: issuer, jwtAudience: audience } = settings;
  if (secret === undefined) {
    throw new SettingsError('AUTH_DEMO_LOGIN needs AUTH_JWT_SECRET: without it no demo token can be issued');
  }
  return createDemoUsers({ signer: createTokenSigner({ secret, issuer, audience }), clock });
}
