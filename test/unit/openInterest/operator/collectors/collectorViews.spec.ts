import { describe, expect, it } from '@jest/globals';
import { createHeartbeatHistory } from '../../../../../src/openInterest/operator/collectors/heartbeatHistory.ts';
import {
  describeCollectors,
  selectPolled,
  selectWeight,
  type CollectorFacts,
} from '../../../../../src/openInterest/operator/collectors/collectorViews.ts';
import type { CollectorState } from '../../../../../src/openInterest/operator/collectors/heartbeats.ts';
import { createIngestRates } from '../../../../../src/openInterest/operator/recorder/ingestRates.ts';
import type { CollectorHeartbeat } from '../../../../../src/openInterest/operator/collectors/heartbeat.types.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);

function aState(
  given: Partial<CollectorHeartbeat> = {},
  state: CollectorState['state'] = 'up',
): CollectorState {
  const heartbeat: CollectorHeartbeat = {
    collector: 'oi-collector',
    everySec: 10,
    jobs: [
      { name: 'poller', state: 'up', ok: 342, failed: 1 },
      { name: 'liquid-universe', state: 'up' },
    ],
    ...given,
  };
  return { heartbeat, state, receivedAt: NOW - 4_000, ageSec: 4 };
}

function facts(given: Partial<CollectorFacts> = {}): CollectorFacts {
  return {
    now: NOW,
    states: [],
    heartbeatHistory: createHeartbeatHistory(),
    ingestRates: createIngestRates(),
    lastAcceptedAt: null,
    usualEverySec: null,
    universeUpdatedAt: null,
    ...given,
  };
}

const words = (it: CollectorFacts) =>
  describeCollectors(it).map(({ name, state, inferred }) => ({ name, state, inferred }));

describe('collector views', () => {
  it('contain what collectors report, with nothing inferred for jobs that report', () => {
    const [view, ...others] = describeCollectors(facts({ states: [aState()] }));
    expect(others).toEqual([]);
    expect(view).toMatchObject({
      name: 'oi-collector',
      state: 'up',
      inferred: false,
      lastAt: NOW - 4_000,
      weightUsed: null,
      spool: null,
      jobs: [{ name: 'poller', state: 'up', ok: 342, failed: 1 }, { name: 'liquid-universe' }],
    });
  });

  it('are inferred from chunks and updates without a report, and marked so', () => {
    expect(words(facts({ lastAcceptedAt: NOW - 20_000, universeUpdatedAt: NOW - 60_000 }))).toEqual([
      { name: 'poller', state: 'up', inferred: true },
      { name: 'universe job', state: 'up', inferred: true },
    ]);
    expect(words(facts({ lastAcceptedAt: NOW - 200_000, universeUpdatedAt: NOW - 700_000 }))).toEqual([
      { name: 'poller', state: 'down', inferred: true },
      { name: 'universe job', state: 'slow', inferred: true },
    ]);
  });

  it('are "never seen" without any data', () => {
    expect(words(facts()).map((it) => it.state)).toEqual(['never', 'never']);
  });

  it('distinguish a declared pause from a silence', () => {
    const jobs: CollectorHeartbeat['jobs'] = [{ name: 'poller', state: 'paused' }];
    expect(words(facts({ states: [aState({ jobs })] }))[0]).toMatchObject({ state: 'paused' });
    const [down] = describeCollectors(facts({ states: [aState({ jobs }, 'down')] }));
    expect(down).toMatchObject({ state: 'down', jobs: [{ state: 'down' }] });
  });

  it('show an inferred poller from its first chunk on', () => {
    const ingestRates = createIngestRates();
    const chunk = { requests: 1, errors: 0, accepted: 343, rejectedItems: 0 };
    for (const ago of [150, 120, 60, 30]) ingestRates.add(NOW - ago * 1_000, chunk);
    const [poller] = describeCollectors(
      facts({ ingestRates, lastAcceptedAt: NOW - 30_000, usualEverySec: 30 }),
    );
    expect(poller?.cells.map((it) => it.outcome)).toEqual(['ok', 'ok', 'missed', 'ok', 'ok']);
    expect(poller?.cells.at(-1)).toEqual({ at: NOW, outcome: 'ok', ok: 343 });
  });
});

describe('weight used', () => {
  it('is unknown without a report, and never 0', () => {
    expect(selectWeight([])).toBeNull();
    expect(selectWeight([aState({ weight: null })])).toBeNull();
  });

  it('is that of the collector nearest to its limit, with its ban if there is one', () => {
    const near = { used: 2_100, limit: 2_400, budget: 2_000, status429: 3 };
    const weight = selectWeight([
      aState({ weight: { used: 1_000, limit: 2_400 } }),
      aState({ collector: 'second', weight: near, bannedUntil: NOW + 60_000 }),
    ]);
    expect(weight).toEqual({
      used: 2_100,
      budget: 2_000,
      limit: 2_400,
      status429: 3,
      status418: null,
      bannedUntil: NOW + 60_000,
      reportedBy: 'second',
      reportedAt: NOW - 4_000,
    });
  });

  it('ignores a silent collector', () => {
    expect(selectWeight([aState({ weight: { used: 2_000, limit: 2_400 } }, 'down')])).toBeNull();
  });
});

describe('symbols polled', () => {
  const polledOf = (ok: number, failed = 0, state: CollectorState['state'] = 'up') =>
    selectPolled([aState({ jobs: [{ name: 'poller', state: 'up', ok, failed }] }, state)], 343);

  it("are the poller's count of its last sweep", () => {
    expect(polledOf(342, 1)).toBe(342);
    expect(polledOf(43, 300)).toBe(43);
  });

  it('are unknown from a count since the start, a silent poller or other jobs', () => {
    expect(polledOf(51_300)).toBeNull();
    expect(polledOf(4)).toBeNull();
    expect(polledOf(343, 0, 'down')).toBeNull();
    expect(selectPolled([aState({ jobs: [{ name: 'mark-prices', state: 'up', ok: 343 }] })], 343)).toBeNull();
  });
});
