import { describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { startRedisServer } from '../support/redis.ts';
import type { TestSocket } from '../support/sockets.ts';
import { OPERATOR_KEY, startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase, withSockets } from '../support/withServer.ts';

const database = withDatabase();
const redis = withOpened(startRedisServer, 'stop');
const clockB = createJumpClock();
/** Two nodes on one database and one Redis. */
const startNode = (clock: Clock) =>
  startTestServer({ databaseUrl: database.url, redisUrl: redis.url, clock });
const a = withOpened(() => startNode(systemClock), 'close');
const b = withOpened(() => startNode(clockB), 'close');
const box = withSockets();

async function change(body: Record<string, unknown>): Promise<void> {
  const answer = await a.post('/api/access/changes', body, { 'X-API-Key': OPERATOR_KEY });
  expect(answer.status).toBe(200);
}

async function closedWith(socket: TestSocket, reason: string): Promise<void> {
  await waitFor(`the socket to be closed: ${reason}`, () => socket.disconnects[0]);
  expect(socket.ends).toEqual([{ reason }]);
}

describe('an expiring token', () => {
  it('A2 closes its sockets within 5 s with the reason, and no others', async () => {
    const expiresInMs = 4_000;
    const token = await a.token('pro', { sub: 'short', expiresInMs });
    const expiresAt = Math.floor((Date.now() + expiresInMs) / 1_000) * 1_000;
    const short = [
      box.open(a, { token }),
      box.open(a, { token, transports: ['polling'] }),
      box.open(b, { token }),
    ];
    const long = box.open(a, { token: await a.token('pro', { sub: 'long' }) });
    await Promise.all([...short, long].map((it) => it.hello()));

    await Promise.all(short.map((it) => closedWith(it, 'expired')));
    const overstayMs = Date.now() - expiresAt;
    expect(overstayMs).toBeGreaterThanOrEqual(0);
    expect(overstayMs).toBeLessThan(5_000);
    expect(long.disconnects).toEqual([]);
    const late = box.open(a, { token });
    await waitFor('the refusal', () => late.refusals[0]);
    expect(late.refusals).toEqual(['token_expired']);
  });
});

describe('a change of access', () => {
  /** Issued well before any change that a test makes. */
  const before = { issuedAt: Date.now() - 60_000 };

  it('A3 M5 closes the sockets of its subject on every node, and applies the new tier to the same token', async () => {
    const token = await a.token('pro', { sub: 'downgraded', ...before });
    const sockets = [box.open(a, { token }), box.open(a, { token }), box.open(b, { token })];
    const other = box.open(b, { token: await b.token('pro', { sub: 'somebody-else', ...before }) });
    await Promise.all([...sockets, other].map((it) => it.hello()));
    const startedAt = performance.now();
    await change({ sub: 'downgraded', tier: 'free' });
    await Promise.all(sockets.map((it) => closedWith(it, 'tier_changed')));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(other.disconnects).toEqual([]);

    for (const server of [a, b]) {
      expect(await box.open(server, { token }).hello()).toMatchObject({ tier: 'free', mode: 'snapshot' });
    }
  });

  it('A3 M5 closes the sockets of a revoked subject on every node, and refuses new ones', async () => {
    const token = await a.token('elite', { sub: 'revoked', ...before });
    const sockets = [box.open(a, { token }), box.open(b, { token })];
    await Promise.all(sockets.map((it) => it.hello()));
    await change({ sub: 'revoked', revoked: true });
    await Promise.all(sockets.map((it) => closedWith(it, 'revoked')));
    for (const server of [a, b]) {
      const again = box.open(server, { token });
      await waitFor('the refusal', () => again.refusals[0]);
      expect(again.refusals).toEqual(['token_revoked']);
    }
  });

  it("closes the sockets of a session that is signed out, on every node, and not its user's other sessions", async () => {
    const [token, otherToken] = [
      await a.token('pro', { sub: 'two-sessions' }),
      await a.token('pro', { sub: 'two-sessions', expiresInMs: 1_800_000 }),
    ];
    const signedIn = await a.post('/api/session', { token }, { Origin: a.url });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const sockets = [
      box.open(a, { token }),
      box.open(b, { token }),
      box.open(a, { extraHeaders: { Cookie: cookie, Origin: a.url } }),
    ];
    const other = box.open(a, { token: otherToken });
    await Promise.all([...sockets, other].map((it) => it.hello()));
    const out = await fetch(`${a.url}/api/session`, {
      method: 'DELETE',
      headers: { Cookie: cookie, Origin: a.url },
    });
    expect(out.status).toBe(204);
    await Promise.all(sockets.map((it) => closedWith(it, 'revoked')));
    expect(other.disconnects).toEqual([]);
  });

  it('A3 reaches the other node by re-reading within 60 s when Redis is down', async () => {
    const token = await a.token('pro', { sub: 'while-redis-is-dead', ...before });
    const sockets = [box.open(a, { token }), box.open(b, { token })];
    await Promise.all(sockets.map((it) => it.hello()));
    await redis.kill();
    try {
      await change({ sub: 'while-redis-is-dead', tier: 'free' });
      await closedWith(sockets[0]!, 'tier_changed');
      expect(await sockets[1]!.sync(null)).toMatchObject({ tier: 'pro' });
      clockB.jump(60_000);
      await closedWith(sockets[1]!, 'tier_changed');
    } finally {
      await redis.start();
    }
  });
});
