import { describe, expect, it } from '@jest/globals';
import { diagnose } from '../../../../../src/openInterest/operator/doctor/doctor.ts';
import type { DoctorFacts } from '../../../../../src/openInterest/operator/doctor/facts.ts';
import type { CollectorState } from '../../../../../src/openInterest/operator/collectors/heartbeats.ts';
import { NOW, aCollector, theFacts, theIngest, refusedPosts } from './doctorFacts.ts';

const health = (given: Partial<DoctorFacts> = {}) => diagnose(theFacts(given)).health;

describe('health summary', () => {
  it('is healthy when every stage is ok', () => {
    expect(health()).toEqual({ word: 'healthy', sentence: null });
  });

  it('has the state of the worst stage and the sentence of the cause', () => {
    const universe = { total: 343, updatedAt: NOW - 1_200_000 };
    expect(health({ universe })).toEqual({
      word: 'degraded',
      sentence: 'universe: 343 symbols, updated 20m ago',
    });
    const silent = theIngest({ lastAcceptedAt: NOW - 250_000, lastStoredAt: NOW - 250_000 });
    expect(health({ universe, ingest: silent })).toEqual({
      word: 'broken',
      sentence: 'no chunk accepted for 4m 10s',
    });
  });

  it('is waiting, not broken, before the first data', () => {
    expect(health({ universe: { total: 0, updatedAt: null } }).word).toBe('waiting');
  });

  describe('of a collector', () => {
    const said = (collector: CollectorState, given: Partial<DoctorFacts> = {}) =>
      health({ collectors: [collector], ...given }).sentence;

    it('names the collector and its state', () => {
      expect(said(aCollector({ state: 'slow' }))).toBe('oi-poller is slow');
      expect(said(aCollector({ state: 'down', ageSec: 250 }))).toBe('oi-poller has been silent for 4m 10s');
      expect(said(aCollector({ heartbeat: { bannedUntil: NOW + 120_000 } }))).toBe(
        'oi-poller is banned by the exchange for 2m 00s',
      );
      const silent = theIngest({ lastAcceptedAt: NOW - 90_000, lastStoredAt: NOW - 90_000 });
      expect(said(aCollector({ heartbeat: { stopping: true } }), { ingest: silent })).toBe(
        'oi-poller was stopped',
      );
    });

    it('names the failing job with its error', () => {
      const jobs = [{ name: 'funding-api', state: 'down' as const }];
      expect(said(aCollector({ heartbeat: { jobs } }))).toBe('funding-api of oi-poller is down');
      const lastError = { at: NOW, status: 503, code: '-1008', text: 'overloaded', count: 1 };
      const failing = [{ name: 'poller', state: 'down' as const, lastError }];
      expect(said(aCollector({ heartbeat: { jobs: failing } }))).toBe(
        'poller of oi-poller is down: 503 -1008: overloaded',
      );
    });

    it('reports a refused key', () => {
      const ingest = theIngest({ refusedPosts: [refusedPosts()] });
      expect(said(aCollector({ state: 'down', ageSec: 75 }), { ingest })).toBe(
        'the key of oi-poller is refused',
      );
    });
  });
});
