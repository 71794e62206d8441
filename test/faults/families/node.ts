import { generateKeyPair, SignJWT } from 'jose';
import { createTokenSigner } from '../../../src/access/tokenSigner.ts';
import { findFreePort } from '../../../src/platform/embedded/freePort.ts';
import { TEST_KEYS } from '../../support/serverProcess.ts';
import type { Family, Undo } from '../faults.types.ts';
import { restartServer, type Rig } from '../rig.ts';
import { WHOLE } from './plans.ts';
import { readAsOperator } from './probes.ts';

const DEBOUNCE_MS = 251;

async function readSeq(url: string): Promise<number> {
  return ((await readAsOperator(url, '/api/market/open-interest/cache')) as { seq: number }).seq;
}

/** A user whose token is signed by an issuer that cannot be reached comes every second. */
async function visitWithoutIssuer(rig: Rig): Promise<Undo> {
  const issuer = `http://127.0.0.1:${await findFreePort()}/keys`;
  await restartServer(rig, { AUTH_JWT_SECRET: undefined, AUTH_JWKS_URL: issuer });
  const { privateKey } = await generateKeyPair('RS256');
  const token = await new SignJWT({ tier: 'pro' })
    .setProtectedHeader({ alg: 'RS256', kid: 'rig' })
    .setSubject('user-1')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  visits.token = token;
  const timer = setInterval(() => void visit(rig, token), 1_000);
  return () => clearInterval(timer);
}

const visits = { token: '' };

function visit({ url }: Rig, token: string): Promise<number> {
  return fetch(`${url}/api/session`, { headers: { Authorization: `Bearer ${token}` } }).then(
    (it) => it.status,
    () => 0,
  );
}

export const node: Family = {
  name: 'node',
  plan: WHOLE,
  faults: [
    {
      name: 'shadow mode',
      inject: (rig) => restartServer(rig, { OPEN_INTEREST_REALTIME_ENABLED: 'false' }),
      bites: async ({ url }) => {
        const now = Date.now();
        const signer = createTokenSigner({ secret: TEST_KEYS.AUTH_JWT_SECRET });
        const token = await signer.sign({ sub: 'pro', tier: 'pro', issuedAt: now, expiresAt: now + 60_000 });
        const headers = { Authorization: `Bearer ${token}` };
        const answer = await fetch(`${url}/api/market/open-interest/board`, { headers });
        const { mode } = (await answer.json()) as { mode?: string };
        return mode === undefined || mode === 'realtime' ? null : `a Pro user's board is in mode ${mode}`;
      },
      expect: { stage: 'broadcast', state: 'ok', cause: /shadow mode/, withinSec: 30 },
      repair: (rig) => restartServer(rig),
    },
    {
      name: 'the broadcast is stuck',
      prepare: (rig) =>
        restartServer(rig, {
          OI_BROADCAST_DEBOUNCE_MS: String(DEBOUNCE_MS),
          OI_BROADCAST_MAX_WAIT_MS: String(DEBOUNCE_MS),
        }),
      inject: ({ server }) => server.suffer({ lostTimer: { task: 'flush', upToMs: DEBOUNCE_MS } }),
      async bites({ url }) {
        const before = await readSeq(url);
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        return (await readSeq(url)) === before ? `seq stays ${before} for 5 s` : null;
      },
      expect: { stage: 'broadcast', cause: /wait/, remedy: /restart/, withinSec: 20 },
      repair: (rig) => restartServer(rig),
      okWithinSec: 150,
    },
    {
      name: 'the event loop is blocked',
      inject({ server }) {
        server.suffer({ blockMs: 2_500, blockEveryMs: 3_000 });
        return () => server.suffer({});
      },
      async bites({ url }) {
        const startedAt = performance.now();
        for (let request = 0; request < 3; request += 1) await fetch(`${url}/health`);
        const ms = Math.round(performance.now() - startedAt);
        return ms > 1_500 ? `three answers of /health take ${ms} ms` : null;
      },
      expect: { stage: 'node', cause: /event loop/i, withinSec: 45 },
    },
    {
      name: 'the node is draining',
      prepare: (rig) => restartServer(rig, { DRAIN_SECONDS: '120' }),
      inject: ({ server }) => server.signal('SIGTERM'),
      async bites({ url }) {
        const answer = await fetch(`${url}/readyz`);
        const { state } = (await answer.json()) as { state: string };
        return answer.status === 503 ? `/readyz answers 503 ${state}` : null;
      },
      expect: { stage: 'node', cause: /draining/, remedy: /another node/, withinSec: 10 },
      async repair(rig) {
        await rig.server.kill();
        await restartServer(rig);
      },
      okWithinSec: 150,
    },
    {
      name: 'the issuer of tokens is away',
      inject: visitWithoutIssuer,
      bites: async (rig) => ((await visit(rig, visits.token)) === 503 ? 'a session answers 503' : null),
      expect: { stage: 'access', cause: /issuer|AUTH_JWKS_URL/i, remedy: /AUTH_JWKS_URL/, withinSec: 45 },
      repair: (rig) => restartServer(rig),
    },
  ],
};
