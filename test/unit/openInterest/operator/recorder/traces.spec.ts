import { describe, expect, it } from '@jest/globals';
import { createTraces, type TraceOutcome } from '../../../../../src/openInterest/operator/recorder/traces.ts';
import { aSample, symbolNames } from '../../../../support/builders.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

function someTraces() {
  const traces = createTraces();
  return {
    traces,
    receive(symbol: string, ts: number, outcome: TraceOutcome = 'replace') {
      return traces.open(
        { sample: aSample({ symbol, ts }), fetchedAt: ts + 40, spooledAt: ts + 45 },
        { requestId: 'r-1', receivedAt: ts + 60, mergedAt: ts + 61, outcome },
      );
    },
  };
}

describe('traces', () => {
  it('L7 start with what the collector and the request report, and nothing else', () => {
    const { traces, receive } = someTraces();
    receive('BTCUSDT', NOON);
    expect(traces.of('BTCUSDT')).toEqual([
      {
        ts: NOON,
        source: 'realtime',
        openInterest: 90_761.482,
        openInterestUsd: 8_445_361_234.5,
        fetchedAt: NOON + 40,
        spooledAt: NOON + 45,
        requestId: 'r-1',
        receivedAt: NOON + 60,
        mergedAt: NOON + 61,
        outcome: 'replace',
        committedAt: null,
        failure: null,
        broadcastAt: null,
        seq: null,
      },
    ]);
  });

  it('L7 record the later steps as they are reached', () => {
    const { traces, receive } = someTraces();
    receive('BTCUSDT', NOON).committedAt = NOON + 70;
    traces.published(['BTCUSDT', 'UNKNOWNUSDT'], NOON + 300, 4_182);
    expect(traces.of('BTCUSDT')).toMatchObject([
      { committedAt: NOON + 70, broadcastAt: NOON + 300, seq: 4_182 },
    ]);
    expect(traces.of('UNKNOWNUSDT')).toEqual([]);
  });

  it('keep the last ten samples of a symbol, newest first', () => {
    const { traces, receive } = someTraces();
    for (let i = 0; i < 25; i += 1) receive('BTCUSDT', NOON + i);
    expect(traces.of('BTCUSDT').map((it) => it.ts - NOON)).toEqual([24, 23, 22, 21, 20, 19, 18, 17, 16, 15]);
  });

  it('assign a window to the newest sample, not to one replaced on the board', () => {
    const { traces, receive } = someTraces();
    receive('BTCUSDT', NOON);
    receive('BTCUSDT', NOON + 1);
    traces.published(['BTCUSDT'], NOON + 300, 1);
    expect(traces.of('BTCUSDT').map((it) => it.seq)).toEqual([1, null]);
  });

  it.each(['same', 'older', 'history only'] as const)(
    'assign no window to a sample that is %s',
    (outcome) => {
      const { traces, receive } = someTraces();
      receive('BTCUSDT', NOON);
      receive('BTCUSDT', NOON + 1, outcome);
      traces.published(['BTCUSDT'], NOON + 300, 1);
      expect(traces.of('BTCUSDT').map((it) => it.seq)).toEqual([null, 1]);
    },
  );

  it('keep the first window of a sample when a later one repeats its row', () => {
    const { traces, receive } = someTraces();
    receive('BTCUSDT', NOON);
    traces.published(['BTCUSDT'], NOON + 300, 1);
    traces.published(['BTCUSDT'], NOON + 900, 2);
    expect(traces.of('BTCUSDT')).toMatchObject([{ seq: 1, broadcastAt: NOON + 300 }]);
  });

  it('drop a symbol that has left the board', () => {
    const { traces, receive } = someTraces();
    receive('BTCUSDT', NOON);
    traces.forget('BTCUSDT');
    expect(traces.of('BTCUSDT')).toEqual([]);
  });

  it('C5 cover a limited number of symbols, as backfill brings names that the board never has', () => {
    const { traces, receive } = someTraces();
    const names = symbolNames(12_000);
    receive('BTCUSDT', NOON);
    for (const [i, symbol] of names.entries()) {
      receive(symbol, NOON, 'history only');
      if (i % 1_000 === 0) receive('BTCUSDT', NOON + i);
    }
    const known = names.filter((symbol) => traces.of(symbol).length > 0);
    expect(known.length).toBeLessThanOrEqual(10_000);
    expect(known.at(-1)).toBe('SYM11999USDT');
    expect(traces.of('BTCUSDT')).not.toEqual([]);
  });
});
