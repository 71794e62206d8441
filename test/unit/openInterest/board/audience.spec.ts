import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KeyHolder, Principal, Role, Tier, Viewer } from '../../../../src/access/access.types.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createBoard } from '../../../../src/openInterest/board/board.ts';
import {
  SNAPSHOT_EVERY_MS,
  createSnapshotBoards,
  snapshotMarkBefore,
} from '../../../../src/openInterest/board/snapshotBoards.ts';
import { BoardBody } from '../../../../src/openInterest/openInterest.types.ts';
import {
  boardBodyOf,
  boardTagOf,
  cacheBodyOf,
  viewOf,
  type ViewContext,
} from '../../../../src/openInterest/board/audience.ts';
import { createUniverse } from '../../../../src/openInterest/universe/universe.ts';
import { aSample, membersOf, symbolNames } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

const MARK = Date.UTC(2026, 10, 20, 14, 5);

function aViewer(tier: Tier, role: Role = 'user'): Viewer {
  return {
    kind: 'viewer',
    sub: 'user-17',
    tier,
    role,
    name: null,
    issuedAt: 0,
    expiresAt: MARK + 3_600_000,
    sessionId: 'session',
  };
}

function aKey(scope: KeyHolder['scope']): KeyHolder {
  return { kind: 'key', scope, keyId: 'key' };
}

const GUEST: Principal = { kind: 'guest' };
const EVERYBODY: readonly Principal[] = [
  GUEST,
  aViewer('free'),
  aViewer('pro'),
  aViewer('elite'),
  aViewer('free', 'admin'),
  aKey('ingest'),
  aKey('operator'),
];

function aRoom(options: { realtimeEnabled?: boolean } = {}) {
  const clock = createFakeClock(MARK + 10 * SECOND_MS);
  const board = createBoard();
  const snapshots = createSnapshotBoards();
  const universe = createUniverse();
  const feed: ViewContext['feed'] = { lastDataAt: null, waitingChunks: 0 };
  return {
    settings: { realtimeEnabled: options.realtimeEnabled ?? true },
    clock,
    board,
    snapshots,
    universe,
    feed,
    /** What ingest does. */
    take(symbol: string, given: Parameters<typeof aSample>[0] = {}) {
      const outcome = board.apply(aSample({ symbol, ts: clock.now(), ...given }), 'poller');
      if (outcome === 'replace') feed.lastDataAt = clock.now();
    },
    freeze(mark = snapshotMarkBefore(clock.now()), members = membersOf([])) {
      snapshots.take(
        mark,
        Array.from(board.entries(), (it) => it.sample),
        members,
      );
    },
    setUniverse(symbols: readonly string[]) {
      const at = new Date(clock.now());
      const members = symbols.map((symbol) => ({
        symbol,
        quoteVolume24h: 5e6,
        fundingIntervalHours: 8,
        circulatingSupply: null,
        circulatingSupplyAt: null,
        sectors: null,
        enteredAt: at,
        lastSeenAt: at,
      }));
      const updatedAt = new Date(Math.max(clock.now(), (universe.state()?.updatedAt.getTime() ?? 0) + 1));
      universe.replace(members, { updatedAt, enterThreshold: 4_000_000, exitThreshold: 2_000_000 });
    },
  };
}

describe('boards per tier', () => {
  it.each([
    ['a guest', 'top', GUEST],
    ['Free', 'top', aViewer('free')],
    ['Pro', 'realtime', aViewer('pro')],
    ['Elite', 'realtime', aViewer('elite')],
    ['an admin of tier Free', 'realtime', aViewer('free', 'admin')],
    ['an ingest key', 'top', aKey('ingest')],
    ['an operator key', 'top', aKey('operator')],
  ] as const)('A1 L8 %s sees %s', (_who, shown, principal) => {
    const room = aRoom();
    const { board, snapshots } = room;
    const expected = {
      realtime: { board, audience: 'realtime', mode: 'realtime' },
      top: { board: snapshots.top, audience: 'snapshot', mode: 'snapshot' },
    }[shown];
    expect(viewOf(room, principal)).toEqual(expected);
    expect(boardBodyOf(room, principal, null)).toMatchObject({
      epoch: expected.board.epoch,
      mode: expected.mode,
    });
  });

  it('A1 contain no live data in shadow mode: Pro sees every symbol at the marks', () => {
    const room = aRoom({ realtimeEnabled: false });
    const { snapshots } = room;
    for (const principal of EVERYBODY) {
      expect(viewOf(room, principal).mode).toBe('snapshot');
      expect(boardBodyOf(room, principal, null).epoch).not.toBe(room.board.epoch);
    }
    for (const principal of [aViewer('pro'), aViewer('elite'), aViewer('free', 'admin')]) {
      expect(viewOf(room, principal)).toEqual({
        board: snapshots.all,
        audience: 'snapshotAll',
        mode: 'snapshot',
      });
    }
    expect(viewOf(room, aViewer('free')).audience).toBe('snapshot');
  });

  it('A1 show Free nothing newer than the mark, on any route', () => {
    const room = aRoom();
    room.take('BTCUSDT', { ts: MARK, openInterestUsd: 1 });
    room.freeze();
    room.take('BTCUSDT', { ts: MARK + 5_000, openInterestUsd: 2 });
    room.take('NEWUSDT');
    for (const principal of [GUEST, aViewer('free'), aKey('operator')]) {
      expect(boardBodyOf(room, principal, null).rows).toMatchObject([
        { symbol: 'BTCUSDT', openInterestUsd: 1 },
      ]);
      expect(cacheBodyOf(room, principal).data).toEqual({ BTCUSDT: 1 });
    }
    expect(cacheBodyOf(room, aViewer('pro')).data).toMatchObject({ BTCUSDT: 2 });
  });
});

describe('body of a board', () => {
  it('matches the contract for every tier', () => {
    const room = aRoom();
    room.take('BTCUSDT', { ts: MARK });
    room.freeze();
    for (const principal of EVERYBODY) {
      const body = boardBodyOf(room, principal, null);
      expect(BoardBody.parse(body)).toEqual(body);
    }
  });

  it('contains what is newer than a position, and everything for one of another board', () => {
    const room = aRoom();
    room.take('AUSDT');
    room.board.closeWindow();
    room.take('BUSDT');
    room.board.closeWindow();
    const pro = aViewer('pro');
    const newer = boardBodyOf(room, pro, { epoch: room.board.epoch, seq: 1 });
    expect(newer).toMatchObject({ full: false, from: 1, seq: 2, rows: [{ symbol: 'BUSDT' }] });
    const downgraded = boardBodyOf(room, aViewer('free'), { epoch: room.board.epoch, seq: 1 });
    expect(downgraded).toMatchObject({ full: true, epoch: room.snapshots.top.epoch });
    expect(downgraded).not.toHaveProperty('from');
  });

  it('L3 has the time of the newest data (realtime), or the mark shown and the next one', () => {
    const room = aRoom();
    expect(boardBodyOf(room, aViewer('pro'), null)).toMatchObject({ asOf: null, nextSnapshotAt: null });
    expect(boardBodyOf(room, GUEST, null).asOf).toBeNull();
    room.take('BTCUSDT');
    room.freeze();
    room.clock.advance(20_000);
    expect(boardBodyOf(room, aViewer('pro'), null)).toMatchObject({
      asOf: MARK + 10_000,
      nextSnapshotAt: null,
    });
    expect(boardBodyOf(room, GUEST, null)).toMatchObject({
      asOf: MARK,
      serverTime: MARK + 30_000,
      nextSnapshotAt: MARK + SNAPSHOT_EVERY_MS,
    });
  });

  it('lists universe members without a sample, and includes symbols outside the universe', () => {
    const room = aRoom();
    room.setUniverse(['AUSDT', 'BUSDT', 'CUSDT']);
    room.take('AUSDT', { ts: MARK });
    room.take('OUTSIDEUSDT', { ts: MARK });
    room.freeze();
    room.take('BUSDT', { ts: MARK + 1 });
    const pro = boardBodyOf(room, aViewer('pro'), null);
    expect(pro.universe).toMatchObject({ total: 3, unsampled: ['CUSDT'] });
    expect(pro.rows.map((row) => row.symbol)).toEqual(['AUSDT', 'OUTSIDEUSDT', 'BUSDT']);
    expect(boardBodyOf(room, GUEST, null).universe.unsampled).toEqual(['BUSDT', 'CUSDT']);
  });

  it('does not list a symbol as unsampled that is only outside the top 50', () => {
    const room = aRoom();
    const names = symbolNames(60);
    room.setUniverse(names);
    for (const symbol of names) room.take(symbol, { ts: MARK });
    room.freeze();
    const body = boardBodyOf(room, GUEST, null);
    expect([body.rows.length, body.universe.total, body.universe.unsampled]).toEqual([50, 60, []]);
  });

  it('has columns for funding and volume only when a row has a value', () => {
    const room = aRoom();
    room.take('AUSDT');
    expect(boardBodyOf(room, aViewer('pro'), null).columns).toEqual({ funding: false, volume: false });
    room.take('BUSDT', { fundingRate: 0 });
    room.board.setMembers(membersOf([['AUSDT', 0]]));
    expect(boardBodyOf(room, aViewer('pro'), null).columns).toEqual({ funding: true, volume: true });
  });
});

describe('ETag of a board', () => {
  type Step =
    | { do: 'sample'; symbol: string; usd: number | null }
    | { do: 'remove' | 'universe'; symbol: string }
    | { do: 'publish' | 'freeze' | 'freeze and publish' }
    | { do: 'wait'; ms: number };
  const symbol = fc.constantFrom('AUSDT', 'BUSDT', 'CUSDT');
  const anyStep: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ do: fc.constant('sample' as const), symbol, usd: fc.constantFrom(1, 2, null) }),
    fc.record({ do: fc.constantFrom('remove' as const, 'universe' as const), symbol }),
    fc.record({ do: fc.constantFrom('publish' as const, 'freeze' as const, 'freeze and publish' as const) }),
    fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 1_000, MINUTE_MS, SNAPSHOT_EVERY_MS),
    }),
  );

  it.each([true, false])('changes whenever the body would, realtime %s', (realtimeEnabled) => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        const room = aRoom({ realtimeEnabled });
        const seen = new Map<string, string>();
        for (const step of steps) {
          if (step.do === 'sample') room.take(step.symbol, { openInterestUsd: step.usd });
          else if (step.do === 'remove') room.board.remove(step.symbol);
          else if (step.do === 'universe') room.setUniverse([step.symbol]);
          else if (step.do === 'publish') room.board.closeWindow();
          else if (step.do === 'wait') room.clock.advance(step.ms);
          else {
            room.freeze();
            if (step.do === 'freeze and publish') {
              room.snapshots.all.closeWindow();
              room.snapshots.top.closeWindow();
            }
          }
          for (const principal of EVERYBODY) {
            const tag = boardTagOf(room, principal);
            // The time of the answer is no news.
            const body = JSON.stringify({ ...boardBodyOf(room, principal, null), serverTime: 0 });
            expect(seen.get(tag) ?? body).toBe(body);
            seen.set(tag, body);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is unchanged while only time passes', () => {
    const room = aRoom();
    room.take('AUSDT', { ts: MARK });
    room.freeze();
    const before = EVERYBODY.map((it) => boardTagOf(room, it));
    room.clock.advance(60_000);
    expect(EVERYBODY.map((it) => boardTagOf(room, it))).toEqual(before);
  });

  it('is a weak ETag without blanks or quotes inside', () => {
    const room = aRoom();
    for (const principal of EVERYBODY) expect(boardTagOf(room, principal)).toMatch(/^W\/"[\w.-]+"$/);
  });
});

describe('body of the original map', () => {
  it('L1 omits unknown values and keeps a zero', () => {
    const room = aRoom();
    room.take('AUSDT', { openInterestUsd: 5 });
    room.take('BUSDT', { openInterestUsd: null, markPrice: null });
    room.take('CUSDT', { openInterest: 0, openInterestUsd: 0 });
    expect(cacheBodyOf(room, aViewer('pro')).data).toEqual({ AUSDT: 5, CUSDT: 0 });
  });

  it('contains all symbols of the snapshot for Free, not the top 50', () => {
    const room = aRoom();
    for (const name of symbolNames(60)) room.take(name, { ts: MARK });
    room.freeze();
    expect(Object.keys(cacheBodyOf(room, GUEST).data)).toHaveLength(60);
  });

  it('is dangerously stale before the first sample', () => {
    const nothing = { data: {}, stale: true, asOf: null, dangerouslyStale: true };
    for (const principal of EVERYBODY) expect(cacheBodyOf(aRoom(), principal)).toEqual(nothing);
  });

  it.each([
    [300_000, false, false],
    [300_001, true, false],
    [390_000, true, false],
    [390_001, true, true],
  ])('L3 reports live data %i ms old as stale %s, dangerously %s', (ageMs, stale, dangerouslyStale) => {
    const room = aRoom();
    room.take('AUSDT');
    room.clock.advance(ageMs);
    expect(cacheBodyOf(room, aViewer('pro'))).toMatchObject({
      stale,
      dangerouslyStale,
      asOf: MARK + 10_000,
    });
  });

  it('L3 reports a snapshot as fresh until the next one is overdue', () => {
    const room = aRoom();
    room.take('AUSDT', { ts: MARK - 20_000 });
    room.freeze();
    room.clock.advance(SNAPSHOT_EVERY_MS - 10_000);
    expect(cacheBodyOf(room, GUEST)).toMatchObject({ stale: false, dangerouslyStale: false, asOf: MARK });
    room.clock.advance(1);
    expect(cacheBodyOf(room, GUEST)).toMatchObject({ stale: true, dangerouslyStale: false });
    room.clock.advance(90_000);
    expect(cacheBodyOf(room, GUEST)).toMatchObject({ stale: true, dangerouslyStale: true });
  });

  it('L3 reports a fresh snapshot of old data as stale', () => {
    const room = aRoom();
    room.take('AUSDT', { ts: MARK - 3_600_000 });
    room.take('BUSDT', { ts: MARK - 390_001 });
    room.freeze();
    expect(cacheBodyOf(room, GUEST)).toMatchObject({ stale: true, dangerouslyStale: true, asOf: MARK });
    const slow = aRoom();
    slow.take('BUSDT', { ts: MARK - 300_001 });
    slow.freeze();
    expect(cacheBodyOf(slow, GUEST)).toMatchObject({ stale: true, dangerouslyStale: false });
  });
});
