import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { createAccessChanges, type AccessChanges } from '../../../src/access/changes.ts';
import {
  ISSUER_AHEAD_MS,
  type AccessChange,
  type Tier,
  type Viewer,
} from '../../../src/access/access.types.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const SECOND = 1_000;
const clock = createFakeClock(Date.UTC(2026, 10, 20, 14, 0, 0));
const NOON = Date.UTC(2026, 10, 20, 12, 0, 0);

describe('createAccessChanges', () => {
  it("A3 applies to tokens issued up to a minute after a change, as the issuer's clock may be ahead", async () => {
    const changes = await createLoaded();
    const changedAt = NOON + 700;
    changes.applyRemote(tierChange('free', changedAt));
    const seconds = [-3_600, -1, 0, 1, 2, 60, 61, 62, 3_600];
    const tiers = seconds.map((it) => changes.judge(viewer({ issuedAt: NOON + it * SECOND })).tier);
    expect(tiers).toEqual([...Array<Tier>(7).fill('free'), 'elite', 'elite']);
  });

  it('A3 applies to every token issued before the change, for any issuer clock up to a minute ahead', async () => {
    const changes = await createLoaded();
    let sub = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: NOON, max: NOON + 10 * SECOND }),
        fc.integer({ min: 0, max: 5 * SECOND }),
        fc.integer({ min: -999, max: ISSUER_AHEAD_MS + 999 }),
        (changedAt, earlierMs, issuerAheadMs) => {
          sub += 1;
          changes.applyRemote({ sub: `user-${sub}`, tier: null, revoked: true, changedAt });
          const issuedAt = Math.floor((changedAt - earlierMs + issuerAheadMs) / SECOND) * SECOND;
          expect(() => changes.judge(viewer({ sub: `user-${sub}`, issuedAt }))).toThrow();
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('A3 applies every change to a token without an issue time', async () => {
    const changes = await createLoaded();
    changes.applyRemote(tierChange('free', NOON));
    expect(changes.judge(viewer({ issuedAt: 0 })).tier).toBe('free');
  });

  it('A3 answers token_revoked to the revoked subject only', async () => {
    const changes = await createLoaded();
    changes.applyRemote({ sub: 'user-17', tier: null, revoked: true, changedAt: NOON });
    const issuedAt = NOON - SECOND;
    expect(() => changes.judge(viewer({ issuedAt }))).toThrow(
      expect.objectContaining({ status: 401, code: 'token_revoked' }),
    );
    expect(changes.judge(viewer({ sub: 'user-18', issuedAt })).tier).toBe('elite');
  });

  it('A3 replaces only the tier, without modifying the given viewer', async () => {
    const changes = await createLoaded();
    changes.applyRemote(tierChange('free', NOON));
    const before = viewer({ issuedAt: NOON, role: 'admin', name: 'Ada' });
    const judged = changes.judge(before);
    expect(judged).toEqual({ ...before, tier: 'free' });
    expect(before.tier).toBe('elite');
  });

  it('M5 applies the newest change, for any order and repetition of arrivals', async () => {
    const change = fc.record({
      sub: fc.constantFrom('ada', 'bob'),
      tier: fc.constantFrom<Tier | null>('free', 'pro', null),
    });
    const history = fc
      .array(change, { minLength: 1, maxLength: 8 })
      .map((list) =>
        list.map((it, index) => ({ ...it, revoked: it.tier === null, changedAt: NOON + index })),
      );
    const arrivals = history.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2, maxLength: list.length * 2 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(arrivals, async ([list, arriving]) => {
        const changes = await createLoaded();
        for (const it of arriving) changes.applyRemote(it);
        for (const sub of ['ada', 'bob']) {
          const newest = list.findLast((it) => it.sub === sub);
          expect(verdictOn(changes, sub)).toBe(newest ? (newest.tier ?? 'revoked') : 'elite');
        }
      }),
    );
  });

  it('notifies listeners of each effective change once, after it took effect', async () => {
    const changes = await createLoaded();
    const seen: [string, string][] = [];
    const stop = changes.onChange((change) => seen.push([change.sub, verdictOn(changes, change.sub)]));
    changes.applyRemote(tierChange('pro', NOON + 1));
    changes.applyRemote(tierChange('pro', NOON + 1));
    changes.applyRemote(tierChange('free', NOON));
    changes.applyRemote({ sub: 'user-17', tier: null, revoked: true, changedAt: NOON + 2 });
    stop();
    changes.applyRemote(tierChange('pro', NOON + 3));
    expect(seen).toEqual([
      ['user-17', 'pro'],
      ['user-17', 'revoked'],
    ]);
  });

  it('rejects every token before the changes are loaded, as it could be revoked', () => {
    const changes = createUnloaded();
    changes.applyRemote(tierChange('free', NOON));
    expect(() => changes.judge(viewer({}))).toThrow(
      expect.objectContaining({ status: 503, code: 'access_not_loaded' }),
    );
    expect(changes.status()).toEqual({ subjects: 1, readAt: null });
  });

  it('M5 continues reading from its last reading when only the bus brings changes', async () => {
    const since: number[] = [];
    const changes = createAccessChanges({
      repository: {
        selectAccessChanges: () => Promise.resolve([tierChange('pro', NOON)]),
        selectAccessChangesSince(changedAt) {
          since.push(changedAt);
          return Promise.resolve([]);
        },
        selectOptionalAccessChange: () => Promise.resolve(null),
        upsertAccessChange: () => Promise.reject(new Error('nothing is recorded here')),
      },
      clock,
      publish: jest.fn(),
    });
    await changes.load();
    changes.applyRemote({ ...tierChange('free', NOON + 3_600 * SECOND), sub: 'ada' });
    await changes.reload();
    expect(since).toEqual([NOON - 60 * SECOND]);
    expect(changes.status()).toEqual({ subjects: 2, readAt: clock.now() });
  });
});

/** Changes of a node whose table is empty. */
async function createLoaded(): Promise<AccessChanges> {
  const changes = createUnloaded();
  await changes.load();
  return changes;
}

function createUnloaded(): AccessChanges {
  return createAccessChanges({
    repository: {
      selectAccessChanges: () => Promise.resolve([]),
      selectAccessChangesSince: () => Promise.resolve([]),
      selectOptionalAccessChange: () => Promise.resolve(null),
      upsertAccessChange: () => Promise.reject(new Error('nothing is recorded here')),
    },
    clock,
    publish: jest.fn(),
  });
}

function tierChange(tier: Tier, changedAt: number): AccessChange {
  return { sub: 'user-17', tier, revoked: false, changedAt };
}

function viewer(changes: Partial<Viewer>): Viewer {
  return {
    kind: 'viewer',
    sub: 'user-17',
    tier: 'elite',
    role: 'user',
    name: null,
    issuedAt: NOON - 60 * SECOND,
    expiresAt: NOON + 86_400 * SECOND,
    sessionId: '0123456789abcdef',
    ...changes,
  };
}

function verdictOn(changes: AccessChanges, sub: string): string {
  try {
    return changes.judge(viewer({ sub })).tier;
  } catch {
    return 'revoked';
  }
}
