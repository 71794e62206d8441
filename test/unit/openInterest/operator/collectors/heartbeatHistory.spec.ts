import { describe, expect, it } from '@jest/globals';
import { createHeartbeatHistory } from '../../../../../src/openInterest/operator/collectors/heartbeatHistory.ts';
import type { CollectorHeartbeat } from '../../../../../src/openInterest/operator/collectors/heartbeat.types.ts';

const T = Date.UTC(2026, 10, 20, 14, 0, 0);

function aBeat(receivedAt: number, given: Partial<CollectorHeartbeat> = {}) {
  const heartbeat: CollectorHeartbeat = {
    collector: 'oi-poller',
    everySec: 10,
    jobs: [{ name: 'poller', state: 'up', ok: 342, failed: 1, note: '1 timeout' }],
    ...given,
  };
  return { heartbeat, receivedAt };
}

describe('last sixty beats', () => {
  it("contain each beat's status of a job", () => {
    const history = createHeartbeatHistory();
    history.observe([aBeat(T)]);
    expect(history.cellsOf('oi-poller', T)).toEqual([{ at: T, outcome: 'ok' }]);
    expect(history.jobCellsOf('oi-poller', 'poller', T)).toEqual([
      { at: T, outcome: 'ok', ok: 342, failed: 1, note: '1 timeout' },
    ]);
  });

  it('count a beat once, however often it is read', () => {
    const history = createHeartbeatHistory();
    for (let i = 0; i < 5; i += 1) history.observe([aBeat(T)]);
    expect(history.cellsOf('oi-poller', T)).toHaveLength(1);
  });

  it('have a cell for each missing beat between two that arrived', () => {
    const history = createHeartbeatHistory();
    history.observe([aBeat(T)]);
    history.observe([aBeat(T + 40_000)]);
    expect(history.cellsOf('oi-poller', T + 40_000)).toEqual([
      { at: T, outcome: 'ok' },
      { at: T + 10_000, outcome: 'missed' },
      { at: T + 20_000, outcome: 'missed' },
      { at: T + 30_000, outcome: 'missed' },
      { at: T + 40_000, outcome: 'ok' },
    ]);
  });

  it('count no slightly late beat as missing', () => {
    const history = createHeartbeatHistory();
    history.observe([aBeat(T)]);
    history.observe([aBeat(T + 14_000)]);
    expect(history.cellsOf('oi-poller', T + 28_900).map((it) => it.outcome)).toEqual(['ok', 'ok']);
  });

  it('show a silence while it lasts', () => {
    const history = createHeartbeatHistory();
    history.observe([aBeat(T)]);
    expect(history.cellsOf('oi-poller', T + 25_000).map((it) => it.outcome)).toEqual([
      'ok',
      'missed',
      'missed',
    ]);
    expect(history.jobCellsOf('oi-poller', 'poller', T + 16_000).map((it) => it.outcome)).toEqual([
      'ok',
      'missed',
    ]);
  });

  it('are sixty, the newest, after a silence of any length', () => {
    const history = createHeartbeatHistory();
    history.observe([aBeat(T)]);
    const now = T + 365 * 86_400_000;
    const cells = history.cellsOf('oi-poller', now);
    expect(cells).toHaveLength(60);
    expect(cells.every((it) => it.outcome === 'missed' && it.at > now - 620_000)).toBe(true);
    history.observe([aBeat(now)]);
    expect(history.cellsOf('oi-poller', now)).toHaveLength(60);
    expect(history.cellsOf('oi-poller', now).at(-1)).toEqual({ at: now, outcome: 'ok' });
  });

  it('distinguish a fault, a ban and a declared pause', () => {
    const history = createHeartbeatHistory();
    history.observe([aBeat(T, { jobs: [{ name: 'poller', state: 'slow', note: 'timeouts' }] })]);
    history.observe([aBeat(T + 10_000, { bannedUntil: T + 600_000 })]);
    history.observe([aBeat(T + 20_000, { jobs: [{ name: 'poller', state: 'paused' }] })]);
    expect(history.cellsOf('oi-poller', T + 20_000)).toEqual([
      { at: T, outcome: 'trouble', note: 'poller: timeouts' },
      { at: T + 10_000, outcome: 'trouble', note: 'banned by the exchange' },
      { at: T + 20_000, outcome: 'paused' },
    ]);
  });

  it('are kept for a limited number of collectors; the longest silent one is dropped', () => {
    const history = createHeartbeatHistory();
    for (let i = 0; i < 33; i += 1) history.observe([aBeat(T + i, { collector: `c${i}` })]);
    expect(history.cellsOf('c0', T + 40)).toEqual([]);
    expect(history.cellsOf('c1', T + 40)).toHaveLength(1);
    expect(history.cellsOf('c32', T + 40)).toHaveLength(1);
  });

  it('are kept for at most as many jobs as a heartbeat may name', () => {
    const history = createHeartbeatHistory();
    for (let i = 0; i < 40; i += 1) {
      history.observe([aBeat(T + i, { jobs: [{ name: `job${i}`, state: 'up' }] })]);
    }
    expect(history.jobCellsOf('oi-poller', 'job31', T + 40)).not.toEqual([]);
    expect(history.jobCellsOf('oi-poller', 'job32', T + 40)).toEqual([]);
  });
});
