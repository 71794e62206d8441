import { describe, expect, it } from '@jest/globals';
import { createBoard } from '../../../../../src/openInterest/board/board.ts';
import type { CollectorState } from '../../../../../src/openInterest/operator/collectors/heartbeats.ts';
import { createIngestLog } from '../../../../../src/openInterest/operator/recorder/ingestLog.ts';
import type { IngestRecord } from '../../../../../src/openInterest/operator/recorder/ingestRecord.ts';
import { aRecord } from '../records.ts';
import { createStepTimes } from '../../../../../src/openInterest/operator/recorder/stepTimes.ts';
import {
  createExplain,
  type OutageEvidence,
} from '../../../../../src/openInterest/operator/outages/outageCause.ts';
import { findSilentSymbols } from '../../../../../src/openInterest/operator/outages/outageWatch.ts';
import type { CollectorHeartbeat } from '../../../../../src/openInterest/operator/collectors/heartbeat.types.ts';
import type { Universe } from '../../../../../src/openInterest/universe/universe.ts';
import { aSample } from '../../../../support/builders.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);
const FROM = NOW - 120_000;

function aUniverse(symbols: readonly string[], enteredAt = NOW - 86_400_000): Universe {
  const members = symbols.map((symbol) => ({
    symbol,
    quoteVolume24h: 9e6,
    enteredAt: new Date(enteredAt),
    lastSeenAt: new Date(enteredAt),
  }));
  return { members: () => members } as unknown as Universe;
}

function evidence(given: Partial<OutageEvidence> = {}): OutageEvidence {
  return {
    now: NOW,
    startedAt: NOW - 3_600_000,
    board: createBoard(),
    lastDataAt: NOW - 1_000,
    ingestLog: createIngestLog(),
    stepTimes: createStepTimes(),
    collectors: [],
    ...given,
  };
}

function aState(given: Partial<CollectorHeartbeat>, state: CollectorState['state'] = 'up'): CollectorState {
  const heartbeat: CollectorHeartbeat = { collector: 'oi-poller', everySec: 10, jobs: [], ...given };
  return { heartbeat, state, receivedAt: NOW, ageSec: 0 };
}

const aSlow = (given: Partial<IngestRecord>) =>
  aRecord({ at: NOW, inserted: 0, duplicates: 0, rejected: 0, withoutUsd: 0, ms: 3_000, ...given });

const why = (given: Partial<OutageEvidence>, from = FROM) =>
  createExplain(evidence(given))({ from, symbols: new Set(['AUSDT']) })?.text;

describe('silent symbols', () => {
  const silentOf = (given: Partial<Parameters<typeof findSilentSymbols>[0]>) =>
    findSilentSymbols(
      { startedAt: NOW - 3_600_000, board: createBoard(), universe: aUniverse(['AUSDT']), ...given },
      NOW,
    );

  it('are members of the universe whose last sample is older than their pace allows', () => {
    const board = createBoard();
    board.apply(aSample({ symbol: 'AUSDT', ts: NOW - 40_000 }), 'poller');
    board.apply(aSample({ symbol: 'BUSDT', ts: NOW - 70_000 }), 'poller');
    board.apply(aSample({ symbol: 'OUTSIDEUSDT', ts: NOW - 700_000 }), 'poller');
    expect(silentOf({ board, universe: aUniverse(['AUSDT', 'BUSDT']) })).toEqual([
      { symbol: 'BUSDT', since: NOW - 70_000 },
    ]);
  });

  it('include a member never sampled, once one poll was due', () => {
    expect(silentOf({ universe: aUniverse(['AUSDT'], NOW - 30_000) })).toEqual([]);
    expect(silentOf({ universe: aUniverse(['AUSDT'], NOW - 90_000) })).toEqual([
      { symbol: 'AUSDT', since: NOW - 90_000 },
    ]);
    expect(silentOf({ startedAt: NOW - 10_000 })).toEqual([]);
  });
});

describe('cause of a silence', () => {
  it('is missing chunks while others arrived', () => {
    expect(why({})).toBe('not in the chunks that arrived');
  });

  it('is that no chunk arrived', () => {
    expect(why({ lastDataAt: FROM + 1_000 })).toBe('no chunk was accepted');
    expect(why({ lastDataAt: null })).toBe('no chunk was accepted');
  });

  it('is that chunks were refused', () => {
    const ingestLog = createIngestLog();
    ingestLog.record(aSlow({ at: FROM + 30_000, status: 503, reason: 'database_unavailable' }));
    expect(why({ ingestLog, lastDataAt: FROM })).toBe('chunks were refused: 503 database_unavailable');
    expect(why({ ingestLog })).toBe('not in the chunks that arrived');
  });

  it('is what the collector reports about itself', () => {
    const banned = aState({ bannedUntil: NOW + 60_000 });
    const paused = aState({ jobs: [{ name: 'poller', state: 'paused' }] });
    const lastDataAt = FROM;
    expect(why({ collectors: [aState({}, 'down'), banned] })).toBe('oi-poller is banned by the exchange');
    expect(why({ lastDataAt, collectors: [aState({}, 'down')] })).toBe('oi-poller is down');
    expect(why({ lastDataAt, collectors: [paused] })).toBe('poller of oi-poller is paused');
    expect(why({ collectors: null })).toBe('not in the chunks that arrived');
  });

  it('is not a poller that is only slow, nor the collector alone while other chunks arrive', () => {
    const slow = aState({ jobs: [{ name: 'poller', state: 'slow' }] });
    expect(why({ collectors: [slow] })).toBe('not in the chunks that arrived');
    expect(why({ collectors: [aState({}, 'down')] })).toBe(
      'not in the chunks that arrived; oi-poller is down',
    );
  });

  it('is that items were refused, or that their times do not move', () => {
    const refused = createStepTimes();
    refused.mark('posted', ['AUSDT'], NOW - 5_000);
    refused.mark('accepted', ['AUSDT'], FROM);
    expect(why({ stepTimes: refused })).toBe('their items were refused');
    const frozen = createStepTimes();
    for (const stage of ['posted', 'accepted'] as const) frozen.mark(stage, ['AUSDT'], NOW - 5_000);
    expect(why({ stepTimes: frozen })).toBe('posted, with times that do not move');
  });

  it("is a wrong clock of this node where the samples' times do move", () => {
    const board = createBoard();
    board.apply(aSample({ symbol: 'AUSDT', ts: NOW - 605_000 }), 'poller');
    const stepTimes = createStepTimes();
    for (const stage of ['posted', 'accepted', 'committed'] as const)
      stepTimes.mark(stage, ['AUSDT'], NOW - 5_000);
    expect(why({ board, stepTimes }, NOW - 605_000)).toBe("posted, with times 10m behind this node's clock");
  });

  it('is not that no chunk was accepted, while chunks without news are', () => {
    const ingestLog = createIngestLog();
    ingestLog.record(aSlow({ at: NOW - 5_000, status: 200 }));
    expect(why({ ingestLog, lastDataAt: FROM })).toBe('not in the chunks that arrived');
  });

  it("quotes the poller's last error, and names a stopped one", () => {
    const lastError = { at: NOW, status: 503, code: '-1008', text: 'overloaded', count: 340 };
    const jobs = [{ name: 'poller', state: 'down' as const, lastError }];
    expect(why({ lastDataAt: FROM, collectors: [aState({ jobs })] })).toBe(
      'poller of oi-poller is down (503 -1008: overloaded, 340 times in a minute)',
    );
    expect(why({ lastDataAt: FROM, collectors: [aState({ stopping: true }, 'down')] })).toBe(
      'oi-poller was stopped',
    );
  });

  it('is before the start of this node if the silence is, until a sweep was due', () => {
    expect(why({ startedAt: NOW - 59_000 })).toBe('nothing was stored in the time before this node started');
    expect(why({ startedAt: NOW - 60_000 })).toBe('not in the chunks that arrived');
  });
});
