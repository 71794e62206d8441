import { beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/platform/database/database.ts';
import type { Queryable } from '../../src/platform/database/postgres.ts';
import request from 'supertest';
import { createAccessChangesRepository } from '../../src/access/changes.repository.ts';
import { createAccess, type Access } from '../../src/access/access.module.ts';
import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import { AccessChange, type Tier } from '../../src/access/access.types.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { createRouteApp } from '../support/routeApp.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { withDatabase } from '../support/withServer.ts';

const SECRET = 'a-shared-secret-of-at-least-32-bytes';
const OPERATOR_KEY = 'oi_oper_the-key-of-the-operator';
const INGEST_KEY = 'oi_live_the-key-of-the-poller';
const HOUR = 3_600_000;
const SETTINGS = {
  ingestApiKeys: [INGEST_KEY],
  operatorApiKeys: [OPERATOR_KEY],
  jwtSecret: SECRET,
  demoLogin: false,
  insecureInPrivateNetwork: false,
  allowedOrigins: [],
};

const signer = createTokenSigner({ secret: SECRET });
const database = withDatabase();
/** The database stamps changes with its own time; tokens are issued around it. */
let clock: ReturnType<typeof createFakeClock>;
let published: AccessChange[];

beforeEach(async () => {
  await database.pool.query('truncate access_changes');
  const { rows } = await database.pool.query<{ now: Date }>('select clock_timestamp() as now');
  clock = createFakeClock(rows[0]!.now.getTime());
  published = [];
});

describe('POST /api/access/changes', () => {
  it('A3 M5 downgrades the earlier tokens of a subject, on this node and after a restart', async () => {
    const node = await createNode();
    const [before, after] = [await tokenOf('pro', -HOUR), await tokenOf('pro', 63_000)];
    const response = await post(node, { sub: 'user-17', tier: 'free' });
    expect(response.status).toBe(200);
    const change = AccessChange.parse(response.body);
    expect(change).toMatchObject({ sub: 'user-17', tier: 'free', revoked: false });
    expect(published).toEqual([change]);
    clock.advance(10_000);
    for (const it of [node, await createNode()]) {
      expect((await it.authenticate(before)).tier).toBe('free');
      expect((await it.authenticate(after)).tier).toBe('pro');
    }
  });

  it('A3 M5 revokes a subject, and restores it with a tier', async () => {
    const node = await createNode();
    const token = await tokenOf('pro', -HOUR);
    await post(node, { sub: 'user-17', revoked: true });
    await expect(node.authenticate(token)).rejects.toMatchObject({ status: 401, code: 'token_revoked' });
    await post(node, { sub: 'user-17', tier: 'elite' });
    expect((await node.authenticate(token)).tier).toBe('elite');
  });

  it('A3 ends a cookie session, with the reason', async () => {
    const node = await createNode();
    const cookie = `oi_session=${await tokenOf('pro', -HOUR)}`;
    await post(node, { sub: 'user-17', revoked: true });
    const response = await request(appOf(node)).get('/api/session').set('Cookie', cookie);
    expect(response.status).toBe(401);
    const signIn = await request(appOf(node))
      .post('/api/session')
      .send({ token: cookie.slice('oi_session='.length) });
    expect(signIn.body).toMatchObject({ error: { code: 'token_revoked' } });
  });

  it('A8 requires the operator key', async () => {
    const node = await createNode();
    const body = { sub: 'user-17', revoked: true };
    const admin = await signer.sign({
      sub: 'admin',
      tier: 'pro',
      role: 'admin',
      issuedAt: clock.now(),
      expiresAt: clock.now() + HOUR,
    });
    const call = () => request(appOf(node)).post('/api/access/changes').send(body);
    const statuses = [
      (await call()).status,
      (await call().set('X-API-Key', INGEST_KEY)).status,
      (await call().set('Authorization', `Bearer ${admin}`)).status,
    ];
    expect(statuses).toEqual([401, 403, 401]);
    expect(node.changes.status().subjects).toBe(0);
  });

  it.each([
    ['no subject', { tier: 'free' }],
    ['an empty subject', { sub: '', tier: 'free' }],
    ['a subject that Postgres cannot store', { sub: 'user\0', tier: 'free' }],
    ['a subject that Postgres stores as another', { sub: 'user\ud800', tier: 'free' }],
    ['a subject of 256 characters', { sub: 'u'.repeat(256), tier: 'free' }],
    ['an unknown tier', { sub: 'user-17', tier: 'Pro' }],
    ['a tier that is a list', { sub: 'user-17', tier: ['pro'] }],
    ['a revocation that is none', { sub: 'user-17', revoked: false }],
    ['both at once', { sub: 'user-17', tier: 'free', revoked: true }],
    ['neither', { sub: 'user-17' }],
    ['a list', [{ sub: 'user-17', tier: 'free' }]],
  ])('X1 answers 400 to %s and stores nothing', async (_case, body) => {
    const response = await post(await createNode(), body);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ error: { code: 'invalid_body' } });
    expect(await countRows()).toBe(0);
  });

  it('I6 answers 503 while the database is unavailable, and applies nothing', async () => {
    const node = await createNode();
    const away = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', logger: silentLogger });
    const cutOff = createAccess({ ...depsOf(away), settings: SETTINGS });
    const response = await post(cutOff, { sub: 'user-17', revoked: true });
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBeDefined();
    expect(published).toEqual([]);
    expect((await node.authenticate(await tokenOf('pro', -HOUR))).tier).toBe('pro');
    await expect(cutOff.authenticate(await tokenOf('pro', 0))).rejects.toMatchObject({ status: 503 });
    await away.end();
  });
});

describe('access changes on another node', () => {
  it('M5 arrive by re-reading when the bus lost them', async () => {
    const [here, there] = [await createNode(), await createNode()];
    const notified: string[] = [];
    there.changes.onChange((change) => notified.push(change.sub));
    const token = await tokenOf('pro', -HOUR);
    await here.changes.record({ sub: 'user-17', tier: 'free' });
    expect((await there.authenticate(token)).tier).toBe('pro');
    await there.changes.reload();
    await there.changes.reload();
    expect((await there.authenticate(token)).tier).toBe('free');
    expect(notified).toEqual(['user-17']);
  });

  it('M5 are found by the next read although committed after newer ones were read', async () => {
    const there = await createNode();
    const late = await database.pool.connect();
    try {
      await late.query('begin');
      await createAccessChangesRepository(late, late).upsertAccessChange({ sub: 'user-17', revoked: true });
      await createAccessChangesRepository(database.pool, database.pool).upsertAccessChange({
        sub: 'user-18',
        tier: 'pro',
      });
      await there.changes.reload();
      expect(there.changes.status().subjects).toBe(1);
      await late.query('commit');
    } finally {
      late.release(true);
    }
    await there.changes.reload();
    expect(there.changes.status().subjects).toBe(2);
    await expect(there.authenticate(await tokenOf('pro', -HOUR))).rejects.toMatchObject({
      code: 'token_revoked',
    });
  });

  it('M5 leave every node with the stored verdict after many concurrent records', async () => {
    const nodes = [await createNode(), await createNode()];
    const token = await tokenOf('elite', -HOUR);
    const tiers: Tier[] = ['free', 'pro', 'elite'];
    const recorded = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        nodes[index % 2]!.changes.record({ sub: 'user-17', tier: tiers[index % 3]! }),
      ),
    );
    expect(new Set(recorded.map((it) => it.changedAt)).size).toBe(60);
    for (const node of nodes) {
      for (const change of recorded) node.changes.applyRemote(change);
    }
    const stored = await createAccessChangesRepository(database.pool, database.pool).selectAccessChanges(10);
    const newest = recorded.reduce((a, b) => (a.changedAt > b.changedAt ? a : b));
    expect(stored).toEqual([newest]);
    for (const node of nodes) expect((await node.authenticate(token)).tier).toBe(newest.tier);
  });

  it("M3 are newer than the one they replace although the database's clock was set back", async () => {
    const ahead = new Date(clock.now() + HOUR);
    await database.pool.query(
      `insert into access_changes (sub, tier, revoked, changed_at) values ('user-17', 'pro', false, $1)`,
      [ahead],
    );
    const node = await createNode();
    const change = await node.changes.record({ sub: 'user-17', revoked: true });
    expect(change.changedAt).toBe(ahead.getTime() + 1);
    await expect(node.authenticate(await tokenOf('pro', 0))).rejects.toMatchObject({ code: 'token_revoked' });
  });
});

describe('access_changes', () => {
  it.each([
    ['a revoked subject with a tier', `('user-17', 'pro', true)`],
    ['a subject with neither', `('user-17', null, false)`],
    ['an unknown tier', `('user-17', 'Pro', false)`],
  ])('cannot hold %s', async (_case, values) => {
    const insert = `insert into access_changes (sub, tier, revoked) values ${values}`;
    await expect(database.pool.query(insert)).rejects.toMatchObject({ code: '23514' });
  });
});

async function createNode(): Promise<Access> {
  const access = createAccess({ ...depsOf(database.pool), settings: SETTINGS });
  await access.load();
  return access;
}

function depsOf(db: Queryable) {
  return {
    db,
    write: db,
    clock,
    publish: (change: AccessChange) => published.push(change),
    onSignOut: () => undefined,
    onViewer: () => undefined,
  };
}

function appOf(access: Access): ReturnType<typeof createRouteApp> {
  return createRouteApp({ routes: access.routes, guards: access.guards, clock });
}

function post(access: Access, body: object): request.Test {
  return request(appOf(access)).post('/api/access/changes').set('X-API-Key', OPERATOR_KEY).send(body);
}

/** A token of user-17 issued this long from now. */
function tokenOf(tier: Tier, issuedInMs: number): Promise<string> {
  const issuedAt = clock.now() + issuedInMs;
  return signer.sign({ sub: 'user-17', tier, issuedAt, expiresAt: clock.now() + HOUR });
}

async function countRows(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('select count(*) from access_changes');
  return rows[0]!.count;
}
