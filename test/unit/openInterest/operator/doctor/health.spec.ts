import { describe, expect, it } from '@jest/globals';
import type { DoctorFacts } from '../../../../../src/openInterest/operator/doctor/facts.ts';
import type { Stage } from '../../../../../src/openInterest/operator/doctor/stage.ts';
import { summarizeHealth } from '../../../../../src/openInterest/operator/doctor/health.ts';
import type { CollectorState } from '../../../../../src/openInterest/operator/collectors/heartbeats.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);

function aCollector(
  given: Partial<CollectorState> = {},
  heartbeat: Partial<CollectorState['heartbeat']> = {},
) {
  return {
    heartbeat: { collector: 'mark-price-ws', everySec: 3, jobs: [], ...heartbeat },
    receivedAt: NOW - 14_000,
    ageSec: 14,
    state: 'up' as const,
    ...given,
  };
}

function health(stages: Stage[], collectors: CollectorState[] = []) {
  return summarizeHealth(stages, { now: NOW, collectors } as unknown as DoctorFacts);
}

const ok: Stage = { stage: 'redis', finding: 'answers in 1 ms', state: 'ok' };
const beat = (name: string): Stage => ({
  stage: 'collector',
  finding: `${name} beat 14s ago`,
  state: 'LATE',
});

describe('health in a word', () => {
  it('is healthy when every stage is ok', () => {
    expect(health([ok])).toEqual({ word: 'healthy', sentence: null });
  });

  it('is that of the worst stage, not of the first', () => {
    const late: Stage = { stage: 'universe', finding: '343 symbols, updated 20m ago', state: 'LATE' };
    const broken: Stage = { stage: 'ingest', finding: 'no chunk accepted for 4m 10s', state: 'BROKEN' };
    expect(health([ok, late, broken])).toEqual({ word: 'broken', sentence: 'no chunk accepted for 4m 10s' });
    expect(health([ok, late])).toEqual({
      word: 'degraded',
      sentence: 'universe: 343 symbols, updated 20m ago',
    });
  });

  it('is waiting, not broken, while nothing has come yet', () => {
    const waiting: Stage = { stage: 'universe', finding: 'no symbols yet', state: 'WAITING' };
    expect(health([waiting]).word).toBe('waiting');
  });

  it('says in short what a collector does', () => {
    const said = (collector: CollectorState) => health([ok, beat('mark-price-ws')], [collector]).sentence;
    expect(said(aCollector({ state: 'slow' }))).toBe('mark-price-ws is slow');
    expect(said(aCollector({ state: 'down', ageSec: 250 }))).toBe('mark-price-ws has been silent for 4m 10s');
    expect(said(aCollector({}, { bannedUntil: NOW + 120_000 }))).toBe(
      'mark-price-ws is banned by the exchange for 2m 00s',
    );
    const jobs = [{ name: 'funding-api', state: 'down' as const }];
    expect(said(aCollector({}, { jobs }))).toBe('funding-api of mark-price-ws is down');
  });
});
