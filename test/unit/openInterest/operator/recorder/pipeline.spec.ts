import { describe, expect, it } from '@jest/globals';
import {
  computePipeline,
  firstMissingStage,
  type PipelineFacts,
  type SymbolProgress,
} from '../../../../../src/openInterest/operator/recorder/pipeline.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);

function aPassage(i: number, given: Partial<SymbolProgress> = {}): SymbolProgress {
  const at = NOW - 10_000;
  return {
    symbol: `S${i}USDT`,
    everySec: 30,
    source: 'realtime',
    posted: at,
    accepted: at,
    stored: at,
    broadcast: at,
    ...given,
  };
}

function facts(given: Partial<PipelineFacts> = {}): PipelineFacts {
  return {
    now: NOW,
    progress: Array.from({ length: 343 }, (_, i) => aPassage(i)),
    polled: 343,
    storedKnown: true,
    realtimeEnabled: true,
    clients: 12,
    ...given,
  };
}

const counts = (it: PipelineFacts) => computePipeline(it).map((step) => step.count);

describe('seven counts of the last cycle', () => {
  it('are equal when everything flows', () => {
    const steps = computePipeline(facts());
    expect(steps.map((it) => it.stage)).toEqual([
      'universe',
      'polled',
      'posted',
      'accepted',
      'stored',
      'broadcast',
      'clients',
    ]);
    expect(steps.map((it) => it.count)).toEqual([343, 343, 343, 343, 343, 343, 12]);
    expect(steps.every((it) => it.missing === 0 && it.since === null)).toBe(true);
  });

  it('show where 300 of 343 symbols are lost, and since when', () => {
    const lostAt = NOW - 300_000;
    const progress = Array.from({ length: 343 }, (_, i) =>
      aPassage(i, i < 300 ? { broadcast: lostAt - i } : {}),
    );
    const steps = computePipeline(facts({ progress }));
    expect(steps.find((it) => it.missing > 0)).toEqual({
      stage: 'broadcast',
      count: 43,
      how: 'counted',
      missing: 300,
      since: lostAt,
      note: null,
    });
  });

  it('count a symbol for as long as its own pace allows', () => {
    const age = (ageSec: number) => ({ posted: NOW - ageSec * 1_000 });
    const progress = [
      aPassage(0, { everySec: 5, ...age(46) }),
      aPassage(1, { everySec: 40, ...age(46) }),
      aPassage(2, { everySec: 300, source: 'snapshot', ...age(380) }),
    ];
    expect(counts(facts({ progress, polled: null }))[2]).toBe(2);
  });

  it('infer "polled" from the posts when no collector reports it, and mark it', () => {
    const [, polled] = computePipeline(facts({ polled: null }));
    expect(polled).toMatchObject({ count: 343, how: 'inferred', note: 'no collector reports it' });
  });

  it('are null instead of 0 when unknown, and compare across the unknown', () => {
    const progress = [aPassage(0), aPassage(1, { broadcast: null })];
    const steps = computePipeline(facts({ progress, polled: 2, storedKnown: false }));
    expect(steps[4]).toMatchObject({ count: null, missing: 0, note: 'the database does not answer' });
    expect(steps[5]).toMatchObject({ count: 1, missing: 1, since: null });
    const shadow = computePipeline(facts({ realtimeEnabled: false }));
    expect(shadow[5]).toMatchObject({ count: null, note: 'realtime is switched off' });
  });

  it('have a start of the loss only if the missing symbols are known by name', () => {
    const lostAt = NOW - 300_000;
    const progress = [aPassage(0), aPassage(1, { posted: lostAt, accepted: lostAt })];
    const [, reported] = computePipeline(facts({ progress, polled: 1 }));
    expect(reported).toMatchObject({ missing: 1, since: null });
    const [, inferred] = computePipeline(facts({ progress, polled: null }));
    expect(inferred).toMatchObject({ missing: 1, since: lostAt });
  });

  it('never count few clients as lost symbols', () => {
    expect(computePipeline(facts({ clients: 0 })).at(-1)).toMatchObject({ count: 0, missing: 0 });
  });

  it('name the first stage that a symbol did not reach', () => {
    const at = (given: Partial<SymbolProgress>) => firstMissingStage(aPassage(0, given), facts());
    expect(at({})).toBeNull();
    expect(at({ posted: null, accepted: null, stored: null, broadcast: null })).toBe('posted');
    expect(at({ accepted: NOW - 90_000, stored: null })).toBe('accepted');
    expect(at({ stored: NOW - 90_000 })).toBe('stored');
    expect(firstMissingStage(aPassage(0, { stored: null }), facts({ storedKnown: false }))).toBeNull();
  });
});
