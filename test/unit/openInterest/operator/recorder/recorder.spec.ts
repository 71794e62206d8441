import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import {
  NoValidItemsError,
  parseChunk,
  type ParsedChunk,
} from '../../../../../src/openInterest/ingest/parse.ts';
import { createOpenInterestMetrics } from '../../../../../src/openInterest/operator/recorder/metrics.ts';
import { createRecorder } from '../../../../../src/openInterest/operator/recorder/recorder.ts';
import type { TraceOutcome } from '../../../../../src/openInterest/operator/recorder/traces.ts';
import { aSample } from '../../../../support/builders.ts';
import { createFakeClock } from '../../../../support/fakeClock.ts';
import { silentLogger } from '../../../../support/silentLogger.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const request = { requestId: 'r-1', keyId: 'k', receivedAt: NOON };

function aRecorder({ onBoard = ['AUSDT', 'BUSDT'] } = {}) {
  const clock = createFakeClock(NOON + 5);
  const prometheus = new Registry();
  const recorder = createRecorder({
    clock,
    logger: silentLogger,
    metrics: createOpenInterestMetrics(prometheus),
    isMember: (symbol) => symbol !== 'STRANGERUSDT',
    isOnBoard: (symbol) => onBoard.includes(symbol),
  });
  return { clock, prometheus, recorder };
}

function aChunk(symbols: readonly string[], bad: readonly string[] = []): ParsedChunk {
  const data = [
    ...symbols.map((symbol) => ({ symbol, openInterest: 1, markPrice: 2, ts: NOON - 100 })),
    ...bad.map((symbol) => ({ symbol, openInterest: -1 })),
  ];
  try {
    return parseChunk({ data, source: 'realtime' }, { now: NOON, retentionDays: 30, admits: () => true });
  } catch (thrown) {
    if (thrown instanceof NoValidItemsError) return thrown.chunk;
    throw thrown;
  }
}

const asMerged = (chunk: ParsedChunk, outcome: TraceOutcome = 'replace') =>
  chunk.samples.map((parsed) => ({
    parsed,
    outcome,
    mergedAt: outcome === 'history only' ? null : NOON + 1,
  }));

const aWindow = (symbols: readonly string[], serverTime = NOON + 300) => ({
  seq: 7,
  serverTime,
  rows: symbols.map((symbol) => ({ symbol, removed: true as const, seq: 7 })),
});

describe('recorder', () => {
  it('L7 follows a chunk from its merge over its commit to its window', () => {
    const { recorder } = aRecorder();
    const traced = recorder.merged(request, asMerged(aChunk(['AUSDT', 'BUSDT'])));
    recorder.committed(traced);
    recorder.published(aWindow(['AUSDT', 'BUSDT']));
    expect(recorder.traces.of('AUSDT')).toMatchObject([
      { requestId: 'r-1', mergedAt: NOON + 1, committedAt: NOON + 5, broadcastAt: NOON + 300, seq: 7 },
    ]);
    const steps = (['posted', 'accepted', 'committed', 'broadcast'] as const).map((step) =>
      recorder.stepTimes.lastOf('BUSDT', step),
    );
    expect(steps).toEqual([NOON, NOON, NOON + 5, NOON + 300]);
    expect(recorder.publishDelays.percentilesSince(NOON)).toEqual({ p50: 300, p95: 300, chunks: 1 });
  });

  it('L7 keeps the reason of a failed commit until the next commit', () => {
    const { recorder } = aRecorder();
    const traced = recorder.merged(request, asMerged(aChunk(['AUSDT'])));
    recorder.failed(traced, new Error('the disk is on fire'));
    expect(recorder.traces.of('AUSDT')[0]!.failure).toContain('the disk is on fire');
    expect(recorder.storeOutcome.fault()).toMatchObject({ kind: 'refused', message: 'the disk is on fire' });
    expect(recorder.stepTimes.lastOf('AUSDT', 'committed')).toBeNull();
    recorder.committed(recorder.merged(request, asMerged(aChunk(['AUSDT']))));
    expect(recorder.storeOutcome.fault()).toBeNull();
  });

  it.each(['same', 'older'] as const)(
    'counts a sample that is %s as accepted, not as committed',
    (outcome) => {
      const { recorder } = aRecorder();
      recorder.committed(recorder.merged(request, asMerged(aChunk(['AUSDT']), outcome)));
      expect(recorder.stepTimes.lastOf('AUSDT', 'accepted')).toBe(NOON);
      expect(recorder.stepTimes.lastOf('AUSDT', 'committed')).toBeNull();
      recorder.published(aWindow([]));
      expect(recorder.publishDelays.percentilesSince(0)).toBeNull();
    },
  );

  it('leaves history out of the pipeline, and traces it', () => {
    const { recorder } = aRecorder();
    recorder.committed(recorder.merged(request, asMerged(aChunk(['AUSDT']), 'history only')));
    expect(recorder.stepTimes.lastOf('AUSDT', 'posted')).toBeNull();
    expect(recorder.traces.of('AUSDT')).toMatchObject([{ mergedAt: null, committedAt: NOON + 5 }]);
  });

  it('I5 counts each item of an answered chunk once: in the log, the rates and the metrics', async () => {
    const { recorder, prometheus } = aRecorder();
    const chunk = aChunk(['AUSDT', 'BUSDT'], ['CUSDT']);
    recorder.answered(request, { status: 200, chunk, inserted: 1, code: null });
    const counts = { received: 3, inserted: 1, duplicates: 1, rejected: 1 };
    expect(recorder.ingestLog.last(1)).toMatchObject([
      { ...counts, ms: 5, status: 200, reason: 'open_interest_invalid' },
    ]);
    expect(recorder.ingestRates.totalBetween(NOON, NOON)).toEqual({
      requests: 1,
      errors: 0,
      accepted: 2,
      rejectedItems: 1,
    });
    const metrics = await prometheus.metrics();
    for (const line of [
      'oi_ingest_chunks_total{status="200"} 1',
      'oi_ingest_samples_total{result="inserted"} 1',
      'oi_ingest_samples_total{result="duplicate"} 1',
      'oi_ingest_samples_total{result="rejected"} 1',
      'oi_ingest_refusals_total{code="open_interest_invalid"} 1',
      'oi_ingest_duration_seconds_count 1',
    ]) {
      expect(metrics).toContain(line);
    }
  });

  it('L7 marks a refused item of a member as posted and not as accepted, and ignores other names', () => {
    const { recorder } = aRecorder();
    const chunk = aChunk([], ['AUSDT', 'STRANGERUSDT', '!!']);
    recorder.answered(request, { status: 400, chunk, inserted: 0, code: 'no_valid_items' });
    expect(recorder.stepTimes.lastOf('AUSDT', 'posted')).toBe(NOON);
    expect(recorder.stepTimes.lastOf('AUSDT', 'accepted')).toBeNull();
    expect(recorder.stepTimes.lastOf('STRANGERUSDT', 'posted')).toBeNull();
    expect(recorder.ingestLog.lastRefused()).toMatchObject({ status: 400, reason: 'no_valid_items' });
    expect(recorder.ingestRates.totalBetween(NOON, NOON)).toMatchObject({ errors: 1, accepted: 0 });
  });

  it('records samples of another node as posted and accepted, not as committed here', () => {
    const { recorder } = aRecorder();
    recorder.remote([aSample({ symbol: 'AUSDT' })]);
    expect(recorder.stepTimes.lastOf('AUSDT', 'accepted')).toBe(NOON + 5);
    expect(recorder.stepTimes.lastOf('AUSDT', 'committed')).toBeNull();
  });

  it('drops an evicted symbol, and ignores the window that removes it', () => {
    const { recorder } = aRecorder({ onBoard: [] });
    recorder.merged(request, asMerged(aChunk(['AUSDT'])));
    recorder.evicted('AUSDT');
    recorder.published(aWindow(['AUSDT']));
    expect(recorder.traces.of('AUSDT')).toEqual([]);
    expect(recorder.stepTimes.lastOf('AUSDT', 'broadcast')).toBeNull();
  });
});
